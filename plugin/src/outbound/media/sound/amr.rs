//! AMR, narrow and wide: frames of 20 ms, whose first byte tells how long they are.

use super::super::reading::bytes;
use std::{
    io::{self, Read, Seek, SeekFrom},
    time::Duration,
};

const FRAME: Duration = Duration::from_millis(20);
const NARROW: [i64; 16] = [12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0];
const WIDE: [i64; 16] = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0];

pub(super) fn duration(file: &mut (impl Read + Seek)) -> io::Result<Duration> {
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(5))?;
    let sizes = match bytes::<1>(file)? {
        [b'\n'] => NARROW,
        _ => {
            let _rest_of_wide = bytes::<3>(file)?;
            WIDE
        }
    };
    let mut frames = 0;
    while file.stream_position()? < end {
        let [head] = bytes::<1>(file)?;
        file.seek_relative(sizes[usize::from(head >> 3 & 15)])?; // which keeps what is buffered
        frames += 1;
    }
    Ok(FRAME * frames)
}

#[cfg(test)]
mod tests {
    use super::super::tests::milliseconds;

    #[test]
    fn a_recording_is_as_long_as_its_frames() {
        let narrow = |mode: u8, size: usize| [vec![mode << 3 | 4], vec![0; size]].concat();
        let file = [b"#!AMR\n".to_vec(), narrow(7, 31).repeat(50), narrow(8, 5), narrow(15, 0)].concat();
        assert_eq!(milliseconds(&file), Some(("amr", 52 * 20)));
        let file = [b"#!AMR-WB\n".to_vec(), narrow(8, 60).repeat(25)].concat();
        assert_eq!(milliseconds(&file), Some(("amr", 500)));
    }
}
