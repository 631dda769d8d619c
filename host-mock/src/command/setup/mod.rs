//! `setup`: from nothing to a bot that works, step by step.

pub mod edit;
mod register;
mod scan;
mod walk;

pub use scan::{After, Scan};
pub use walk::{Next, Walk};

use super::{
    Exit, Failure,
    doctor::{self, Language},
    place::Places,
    tell::tell,
};
use crate::host::installed;
use host_sdk::{
    Diagnostic, Json,
    host::{Plugin, private_directory},
};
use register::Registering;
use serde_json::{Map, Value, json};
use std::{
    fs,
    io::{self, BufRead, Write},
    path::Path,
};

const EXAMPLES: &str = "\
Examples:
  host-mock setup
      walk through it, and write ~/.openclaw/openclaw.json
  host-mock setup --account bot2 --lang zh --config openclaw.json --plugins target/dist
      a second bot, in Chinese, elsewhere

What is asked may also be piped in: a line for each answer, as in `printf '3\\n…' | host-mock setup`.";

/// Walks you from nothing to a bot that works: writes the configuration, and ends with the doctor.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The channel; the only one, if there is one.
    channel: Option<String>,
    /// The account that is set up; without one, the channel's own.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    #[command(flatten)]
    places: Places,
    /// Draws no QR code: shows its link alone.
    #[arg(long)]
    no_qr: bool,
    /// The language [default: that of LC_ALL or LANG, else Chinese].
    #[arg(long, value_enum)]
    lang: Option<Language>,
}

/// Does what was asked.
///
/// # Errors
/// When it is broken off, the configuration cannot be written, or the doctor finds that something does not work.
pub async fn run(args: &Args) -> Result<(), Failure> {
    let language = Language::or_environment(args.lang);
    let place = args.places.found()?;
    let (plugins, file) = (place.plugins.clone(), place.config.clone());
    let (channel, account, draws) = (args.channel.clone(), args.account.clone(), !args.no_qr);
    let walked = tokio::task::spawn_blocking(move || {
        let plugin = installed(&plugins, channel.as_deref())?;
        walk(&plugin, &file, account.as_deref(), language, draws)?;
        Ok::<_, Failure>(plugin)
    });
    let plugin = match walked.await {
        Ok(walked) => walked?,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    };
    let said =
        language.choose("\n配置已写入，正在检查…\n", "\nThe configuration is written. Examining it…\n");
    tell(said);
    let account = args.account.as_ref().map(|account| format!("{}/{account}", plugin.descriptor().id));
    let examination = doctor::examine(place, account.as_deref()).await?;
    tell(doctor::people_s(&examination, language));
    doctor::ended(&examination)
}

fn walk(
    plugin: &Plugin,
    file: &Path,
    account: Option<&str>,
    language: Language,
    draws: bool,
) -> Result<(), Failure> {
    let descriptor = plugin.descriptor();
    let text_before = read(file)?;
    // What cannot be written is told before anybody has typed anything.
    configured(&text_before, &descriptor.id, account, &Map::new()).map_err(|error| wrong(file, &error))?;
    let mut walk = Walk::new(descriptor.setup.clone(), language);
    let examine = |answers: &Map<String, Value>| examined(plugin, answers);
    loop {
        let outcome = match walk.next() {
            Next::Done => break,
            Next::Register { text } => {
                tell(text);
                let registering = Registering { plugin, config: &text_before, account, language, draws };
                match registering.run() {
                    Some(options) => walk.granted(options, examine),
                    None => {
                        walk.not_granted();
                        Ok(())
                    }
                }
            }
            Next::Ask { text, prompt, secret } => {
                let hidden = secret.then(Hidden::begin); // before anybody can type
                tell(format_args!("{text}{prompt}"));
                let _unseen = io::stdout().flush();
                let typed = line(&mut io::stdin().lock())?;
                drop(hidden);
                let Some(typed) = typed else {
                    return Err(Failure::new(Exit::Interrupted, "broken off; nothing was written"));
                };
                walk.answer(&typed, examine)
            }
        };
        if let Err(complaint) = outcome {
            tell(format_args!("! {complaint}\n"));
        }
    }
    let text = configured(&text_before, &descriptor.id, account, walk.answers())
        .map_err(|error| wrong(file, &error))?;
    write(file, &text).map_err(|error| Failure::system(&format!("write {}", file.display()), &error))
}

/// A configuration that a person has to correct first.
fn wrong(file: &Path, error: &edit::EditError) -> Failure {
    Failure::new(Exit::Wrong, format!("{}: {error}", file.display()))
}

/// What is the matter with a section of these options.
fn examined(plugin: &Plugin, answers: &Map<String, Value>) -> Vec<Diagnostic> {
    plugin.resolve(&Json::new(answers)).map(|resolved| resolved.diagnostics).unwrap_or_default()
}

/// The configuration's text with these options of an account.
///
/// # Errors
/// When the text cannot be changed.
pub fn configured(
    text: &str,
    channel: &str,
    account: Option<&str>,
    answers: &Map<String, Value>,
) -> Result<String, edit::EditError> {
    let section = ["channels", channel];
    let own = account.map(|account| ["accounts", account]);
    let of = |option: &'static str| [&section[..], &[option]].concat();
    let mut text = edit::set(text, &of("enabled"), &json!(true))?;
    for (option, value) in answers {
        let within = own.as_ref().map_or(&[][..], |own| &own[..]);
        let path: Vec<_> = section.iter().chain(within).copied().chain(option.split('.')).collect();
        text = edit::set(&text, &path, value)?;
    }
    Ok(text)
}

fn read(file: &Path) -> Result<String, Failure> {
    match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| Failure::system(&format!("read {}", file.display()), &error)),
    }
}

/// Replaces the file as a whole. It is its owner's alone from then on, who stays the same, as the folders are that had
/// to be made for it: there may be a secret in it.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = real.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if !folder.exists() {
        private_directory(folder)?; // one that is there may be anybody's business
    }
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    #[cfg(unix)]
    if let Ok(before) = fs::metadata(&real) {
        keep_owner(beside.as_file(), &before)?;
    }
    beside.as_file().sync_all()?;
    beside.persist(&real)?;
    Ok(())
}

/// Gives a file to the owner of another one: a host that runs as somebody else could not read it any more.
#[cfg(unix)]
fn keep_owner(file: &fs::File, before: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    if file.metadata()?.uid() == before.uid() {
        return Ok(());
    }
    fchown(file, Some(before.uid()), Some(before.gid()))
}

/// A line that somebody types; `None` when there will be none.
fn line(input: &mut impl BufRead) -> Result<Option<String>, Failure> {
    let mut line = String::new();
    let read = input.read_line(&mut line).map_err(|error| Failure::system("read what you type", &error))?;
    Ok((read > 0).then_some(line))
}

/// A terminal that does not show what is typed, until this is dropped.
struct Hidden {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Hidden {
    #[cfg(unix)]
    fn begin() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin()).ok();
        if let Some(mut hiding) = before.clone() {
            hiding.local_modes.remove(LocalModes::ECHO);
            let _shown = tcsetattr(io::stdin(), OptionalActions::Now, &hiding);
        }
        Self { before }
    }

    #[cfg(not(unix))]
    fn begin() -> Self {
        Self {}
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(before) = &self.before {
            let now = rustix::termios::OptionalActions::Now;
            let _restored = rustix::termios::tcsetattr(io::stdin(), now, before);
            tell("\n");
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn nobody_else_can_read_what_is_written_nor_enter_the_folders_that_are_made_for_it() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("state/own/openclaw.json");
        write(&file, "{}").unwrap();
        assert_eq!(
            [&file, file.parent().unwrap(), &home.path().join("state")].map(mode),
            [0o600, 0o700, 0o700]
        );
    }

    #[test]
    fn a_file_that_others_could_read_is_closed_to_them_and_its_folder_left_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("openclaw.json");
        fs::write(&file, "{}").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        write(&file, "{\"channels\": {}}").unwrap();
        assert_eq!((mode(&file), mode(home.path())), (0o600, 0o755));
        assert_eq!(fs::read_to_string(&file).unwrap(), "{\"channels\": {}}");
    }

    #[test]
    fn a_file_stays_its_owners() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("openclaw.json");
        fs::write(&file, "{}").unwrap();
        // Only the superuser can give a file away, or take one; whoever else runs this owns it.
        let other = if std::os::unix::fs::chown(&file, Some(12_345), Some(12_345)).is_ok() {
            12_345
        } else {
            fs::metadata(&file).unwrap().uid()
        };
        write(&file, "{\"channels\": {}}").unwrap();
        assert_eq!((fs::metadata(&file).unwrap().uid(), mode(&file)), (other, 0o600));
    }
}
