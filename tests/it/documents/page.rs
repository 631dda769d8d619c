//! A document, as far as the claims look at it.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::{collections::BTreeMap, fs, path::Path};

/// A document with what it is made of, in its order.
pub(crate) struct Page {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) headings: Vec<Heading>,
    pub(crate) blocks: Vec<Block>,
    /// What stands in backquotes, with what is said right before and after it.
    pub(crate) words: Vec<Word>,
    pub(crate) links: Vec<Link>,
}

pub(crate) struct Heading {
    pub(crate) level: usize,
    pub(crate) title: String,
    /// What a link to it ends with, as GitHub makes it.
    pub(crate) anchor: String,
    begins: usize,
}

/// A fenced block.
pub(crate) struct Block {
    /// What stands behind its fence.
    pub(crate) kind: String,
    pub(crate) text: String,
    pub(crate) line: usize,
}

pub(crate) struct Word {
    pub(crate) code: String,
    /// The words up to the next code, link or line of a table.
    pub(crate) after: String,
    pub(crate) line: usize,
}

pub(crate) struct Link {
    pub(crate) to: String,
    pub(crate) line: usize,
}

impl Page {
    #[track_caller]
    pub(crate) fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut page = Self {
            path: path.to_owned(),
            text: text.clone(),
            headings: Vec::new(),
            blocks: Vec::new(),
            words: Vec::new(),
            links: Vec::new(),
        };
        let mut anchors = BTreeMap::new();
        let mut within = None; // the heading or block that is being read
        for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
            let line = text[..range.start].matches('\n').count() + 1;
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    within = Some((level as usize, String::new()));
                }
                Event::End(TagEnd::Heading(_)) => {
                    if let Some((level, title)) = within.take() {
                        let anchor = anchor(&title, &mut anchors);
                        page.headings.push(Heading { level, title, anchor, begins: range.start });
                    }
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => {
                    page.blocks.push(Block { kind: kind.to_string(), text: String::new(), line });
                    within = Some((BLOCK, String::new()));
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let (Some((BLOCK, text)), Some(block)) = (within.take(), page.blocks.last_mut()) {
                        block.text = text;
                    }
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(Link { to: dest_url.to_string(), line });
                }
                Event::Code(code) => match &mut within {
                    Some((_, title)) => title.push_str(&code),
                    None => {
                        page.words.push(Word { code: code.to_string(), after: String::new(), line });
                    }
                },
                Event::Text(said) => match (&mut within, page.words.last_mut()) {
                    (Some((_, text)), _) => text.push_str(&said),
                    (None, Some(word)) => word.after.push_str(&said),
                    (None, None) => {}
                },
                _ => {}
            }
        }
        page
    }

    /// What stands under a heading, up to the next one of its level.
    pub(crate) fn section(&self, title: &str) -> Option<&str> {
        let at = self.headings.iter().position(|heading| heading.title == title)?;
        let Heading { level, begins, .. } = self.headings[at];
        let next = self.headings[at + 1..].iter().find(|heading| heading.level <= level);
        Some(&self.text[begins..next.map_or(self.text.len(), |heading| heading.begins)])
    }

    pub(crate) fn is_chinese(&self) -> bool {
        self.path.ends_with(CHINESE)
    }

    /// Its place, for a complaint.
    pub(crate) fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }
}

/// No heading's level.
const BLOCK: usize = 0;
const CHINESE: &str = ".zh-CN.md";

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// All documents in a folder, which is named from the repository's root.
pub(crate) fn pages_in(folder: &str) -> Vec<Page> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".md"));
    names.sort();
    let path = |name: &String| if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
    names.iter().map(|name| Page::read(&path(name))).collect()
}

/// The name of the same document in Chinese.
pub(crate) fn in_chinese(path: &str) -> String {
    format!("{}{CHINESE}", path.trim_end_matches(".md"))
}

/// As GitHub makes it: letters, digits, hyphens and underscores stay, spaces become hyphens, and a second
/// one of the same gets a number.
fn anchor(title: &str, taken: &mut BTreeMap<String, usize>) -> String {
    let title = title.to_lowercase();
    let kept = title.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        letter if letter.is_alphanumeric() => Some(letter),
        _ => None,
    });
    let anchor: String = kept.collect();
    let times = taken.entry(anchor.clone()).or_default();
    *times += 1;
    if *times == 1 { anchor } else { format!("{anchor}-{}", *times - 1) }
}

#[test]
fn an_anchor_is_what_github_makes_of_a_title() {
    let mut taken = BTreeMap::new();
    assert_eq!(anchor("Use it in OpenClaw", &mut taken), "use-it-in-openclaw");
    assert_eq!(anchor("Client ID 和 Client Secret", &mut taken), "client-id-和-client-secret");
    assert_eq!(anchor("What? Again!", &mut taken), "what-again");
    assert_eq!(anchor("What, again", &mut taken), "what-again-1");
}
