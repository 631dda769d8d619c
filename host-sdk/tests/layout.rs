//! The layouts of everything that crosses, compared with `layout.txt`: what 1.x promises. Named types, their
//! sizes on 64 bits, their fields in order, and the functions.
#![cfg(target_pointer_width = "64")]
#![allow(missing_docs, reason = "a test binary")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use abi_stable::{
    StableAbi,
    type_layout::{TLData, TLField, TLFunction, TypeLayout},
};
use host_sdk::abi::RootRef;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt::Write,
    path::Path,
};

/// Set to anything, it writes `layout.txt` anew, if that only grows as a minor version may.
const UPDATE: &str = "UPDATE_LAYOUT";

/// What stands between the functions that a peer has to have and those that it may lack.
const LATER: &str = "  later:";

#[test]
fn what_crosses_is_laid_out_as_the_snapshot_says() {
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layout.txt");
    let now = rendered(<RootRef as StableAbi>::LAYOUT);
    // Where there is none yet, for 2.0, everything is new.
    let then = std::fs::read_to_string(&snapshot).unwrap_or_default().replace('\r', "");
    let broken = broken(&then, &now);
    assert!(
        broken.is_empty(),
        "this breaks what SDK 1.x promises, which is frozen:\n\n{}\n\
         Plugins that people have built would be refused, or misread. Undo it, and say what is new in `extra`, in a \
         method after the last one of its table with a default, or in a type that only such a method uses. There is \
         no other way short of 2.0, which refuses every plugin built before: ARCHITECTURE.md, \"Compatibility\".",
        difference(&then, &now)
    );
    if std::env::var_os(UPDATE).is_some() {
        return std::fs::write(&snapshot, &now).unwrap();
    }
    assert!(
        now == then,
        "what crosses has grown as a minor version may:\n\n{}\n\
         Is it meant? Then raise the minor version of host-sdk, add a line for it in CHANGELOG.md, and run\n    \
         {UPDATE}=1 cargo test --package host-sdk --all-features --test layout",
        difference(&then, &now)
    );
}

/// The names of what `now` does not have as `then` had it. A table of functions may have become longer.
fn broken(then: &str, now: &str) -> Vec<String> {
    let now: HashMap<_, _> = types(now).map(|it| (name(it), it)).collect();
    let kept = |was: &str| now.get(name(was)).is_some_and(|is| *is == was || has_grown(was, is));
    types(then).filter(|was| !kept(was)).map(|was| name(was).to_owned()).collect()
}

/// Whether both are tables of functions, and `is` begins as `was`: its size and its marks tell of no function.
fn has_grown(was: &str, is: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        text.lines().skip(1).filter(|line| *line != LATER).map(str::to_owned).collect()
    };
    let (was, is) = (lines(was), lines(is));
    was.iter().chain(&is).all(|line| line.contains(": fn(")) && is.starts_with(&was)
}

fn types(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").map(str::trim).filter(|it| !it.is_empty())
}

fn name(of_type: &str) -> &str {
    of_type.split_whitespace().next().unwrap_or_default()
}

/// One block per type of ours, sorted by name, so that a change shows where it was made.
fn rendered(root: &'static TypeLayout) -> String {
    let mut seen = HashSet::new();
    let mut blocks = BTreeSet::new();
    let mut waiting = vec![root];
    while let Some(layout) = waiting.pop() {
        if seen.insert(layout.get_utypeid()) {
            // What is not ours shows where it is used: its version is pinned, and its size tells.
            blocks.extend((layout.package() == "host-sdk").then(|| block(layout)).flatten());
            waiting.extend(layout.shared_vars().type_layouts().iter().map(|nested| nested()));
        }
    }
    blocks.into_iter().collect::<Vec<_>>().join("\n")
}

/// `None` for the shells that the macros make around a table of functions.
fn block(layout: &TypeLayout) -> Option<String> {
    let module = layout.mod_path().to_string();
    let table = module.rsplit("::").next().and_then(|module| module.strip_suffix("_trait"));
    let name = match table {
        Some(table) if layout.is_prefix_kind() => table.to_owned(),
        Some(_) => return None,
        None => named(layout),
    };
    let mut block = format!("{name}  size {} align {}\n", layout.size(), layout.alignment());
    let first_later = match layout.data() {
        TLData::PrefixType(prefix) => Some(usize::from(prefix.first_suffix_field)),
        _ => None,
    };
    for (index, field) in layout.get_fields().into_iter().flat_map(|fields| fields.iter()).enumerate() {
        if first_later == Some(index) {
            block.push_str(LATER);
            block.push('\n');
        }
        if !field.name().starts_with("_sabi") {
            writeln!(block, "  {}: {}", field.name(), typed(&field)).unwrap();
        }
    }
    Some(block)
}

fn typed(field: &TLField) -> String {
    match field.function_range().iter().next() {
        None => format!("{}  size {}", named(field.layout()), field.layout().size()),
        Some(function) => signature(&function),
    }
}

fn signature(function: &TLFunction) -> String {
    let parameters: Vec<_> = function.param_type_layouts.iter().map(|parameter| named(parameter())).collect();
    let answer = function.return_type_layout().map(|answer| format!(" -> {}", named(answer())));
    format!("fn({}){}", parameters.join(", "), answer.unwrap_or_default())
}

/// The type's name with its arguments, which the layout knows by what they are used for only.
fn named(layout: &TypeLayout) -> String {
    let nth = |index| layout.get_fields().and_then(|fields| fields.get(index));
    let field = |index| nth(index).map(|field: TLField| field.layout());
    let arguments = match layout.name() {
        "ROption" => vec![field(0)],
        "RResult" => vec![field(0), field(1)],
        "RVec" | "RSlice" => vec![field(0).and_then(pointee)],
        "RawDone" => vec![nth(1).and_then(|answer: TLField| answered(&answer))],
        "&" | "*const" | "*mut" => vec![pointee(layout)],
        _ => vec![],
    };
    let arguments: Vec<_> = arguments.into_iter().flatten().map(named).collect();
    if arguments.is_empty() {
        return layout.name().to_owned();
    }
    format!("{}<{}>", layout.name(), arguments.join(", "))
}

/// What the pointer inside of `layout` points to.
fn pointee(layout: &TypeLayout) -> Option<&'static TypeLayout> {
    match layout.generics().type_params() {
        [pointee, ..] => Some(pointee()),
        [] => pointee(layout.get_fields()?.get(0)?.layout()),
    }
}

/// What the function that takes an answer takes, if all went well.
fn answered(answer: &TLField) -> Option<&'static TypeLayout> {
    let outcome = answer.function_range().get(0)?.param_type_layouts.iter().nth(1)?();
    Some(outcome.get_fields()?.get(0)?.layout())
}

/// The types that only one of the two has in this form, whole, so that an order shows too.
fn difference(then: &str, now: &str) -> String {
    let (before, after): (Vec<_>, Vec<_>) = (types(then).collect(), types(now).collect());
    let gone = before.iter().filter(|it| !after.contains(it)).map(|it| marked('-', it));
    let come = after.iter().filter(|it| !before.contains(it)).map(|it| marked('+', it));
    gone.chain(come).collect()
}

fn marked(mark: char, text: &str) -> String {
    text.lines().map(|line| format!("{mark} {line}\n")).collect::<String>() + "\n"
}

#[test]
fn two_fields_that_changed_places_are_a_difference() {
    let (then, now) =
        ("A  size 2\n  x: u8\n  y: u8\n\nB  size 0\n", "A  size 2\n  y: u8\n  x: u8\n\nB  size 0\n");
    let difference = difference(then, now);
    assert_eq!(difference, "- A  size 2\n-   x: u8\n-   y: u8\n\n+ A  size 2\n+   y: u8\n+   x: u8\n\n");
}

#[test]
fn a_table_may_grow_at_its_end_and_types_may_come_and_everything_else_is_broken() {
    let then = "A  size 2\n  x: u8\n\nTable  size 16\n  f: fn(A)\n  g: fn() -> A\n";
    let grown = "A  size 2\n  x: u8\n\nB  size 1\n\nTable  size 24\n  f: fn(A)\n  g: fn() -> A\n  later:\n  h: fn(B)\n";
    assert!(broken(then, then).is_empty() && broken(then, grown).is_empty());
    for (change, with, what) in [
        ("  x: u8", "  x: u8\n  y: u8", "A"),
        ("  x: u8", "  x: u16", "A"),
        ("A  size 2\n  x: u8\n\n", "", "A"),
        ("  f: fn(A)\n", "", "Table"),
        ("  f: fn(A)\n", "  h: fn(A)\n  f: fn(A)\n", "Table"),
        ("  g: fn() -> A", "  g: fn() -> u8", "Table"),
    ] {
        assert_eq!(broken(then, &then.replace(change, with)), [what], "{change:?} became {with:?}");
        assert_eq!(broken(grown, &grown.replace(change, with)), [what], "{change:?} became {with:?}");
    }
    assert_eq!(broken(grown, then), ["B", "Table"], "what has come stays");
}
