//! A file as the body of a form, piece by piece: however large it is, a few pieces are in memory.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::{
    fmt::Write as _,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::sync::mpsc;
use uuid::Uuid;

/// The longest name of a file that is passed on, in characters.
const LONGEST_NAME: usize = 120;

/// A `multipart/form-data` body with one part, a file.
pub(super) struct FileForm {
    boundary: String,
    head: Option<Bytes>,
    pieces: mpsc::Receiver<Bytes>,
    /// Bytes of the file that were not passed on yet.
    left: u64,
    tail: Option<Bytes>,
}

impl FileForm {
    /// The part `field` with a file called `file_name`, of whose `size` bytes `pieces` brings all.
    pub(super) fn new(field: &str, file_name: &str, size: u64, pieces: mpsc::Receiver<Bytes>) -> Self {
        let boundary = Uuid::new_v4().simple().to_string(); // as good as never in the file
        let name = quotable(file_name);
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let tail = format!("\r\n--{boundary}--\r\n");
        Self { boundary, head: Some(head.into()), pieces, left: size, tail: Some(tail.into()) }
    }

    /// The value of the header `Content-Type`.
    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }
}

impl Body for FileForm {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(head) = self.head.take() {
            return Poll::Ready(Some(Ok(Frame::data(head))));
        }
        if self.left == 0 {
            return Poll::Ready(self.tail.take().map(|tail| Ok(Frame::data(tail))));
        }
        let piece = ready!(self.pieces.poll_recv(context)).filter(|piece| piece.len() as u64 <= self.left);
        let Some(piece) = piece else {
            return Poll::Ready(Some(Err(io::Error::other("the file changed its size meanwhile"))));
        };
        self.left -= piece.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        let around = [&self.head, &self.tail].into_iter().flatten().map(|text| text.len() as u64);
        SizeHint::with_exact(around.sum::<u64>() + self.left)
    }
}

/// A name as browsers write it between quotes.
fn quotable(name: &str) -> String {
    let mut quotable = String::with_capacity(name.len());
    for character in name.chars().take(LONGEST_NAME) {
        match character {
            '"' | '\r' | '\n' => {
                // Writing to a text does not fail.
                let _infallible = write!(quotable, "%{:02X}", u32::from(character));
            }
            _ => quotable.push(character),
        }
    }
    quotable
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    async fn read(mut form: FileForm) -> Result<String, io::Error> {
        let promised = form.size_hint().exact().unwrap();
        let mut text = String::new();
        while let Some(frame) = poll_fn(|context| Pin::new(&mut form).poll_frame(context)).await {
            text.push_str(std::str::from_utf8(&frame?.into_data().unwrap()).unwrap());
        }
        assert_eq!(promised, text.len() as u64);
        Ok(text)
    }

    async fn form(name: &str, size: u64, pieces: &[&'static str]) -> FileForm {
        let (tell, told) = mpsc::channel(8);
        for piece in pieces {
            tell.send(Bytes::from_static(piece.as_bytes())).await.unwrap();
        }
        FileForm::new("media", name, size, told)
    }

    #[tokio::test]
    async fn a_form_is_as_long_as_it_says_and_keeps_the_order_of_its_pieces() {
        let form = form("a\"b\r\n报告.pdf", 5, &["ab", "cde"]).await;
        let boundary = form.boundary.clone();
        assert_eq!(
            read(form).await.unwrap(),
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; \
                 filename=\"a%22b%0D%0A报告.pdf\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\nabcde\r\n--{boundary}--\r\n"
            )
        );
    }

    #[tokio::test]
    async fn a_file_that_shrinks_or_grows_meanwhile_breaks_the_form_off() {
        assert!(read(form("a", 5, &["abcd"]).await).await.is_err());
        assert!(read(form("a", 5, &["abcdef"]).await).await.is_err());
    }
}
