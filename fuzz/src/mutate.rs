//! Changes of JSON that leave it JSON.
//!
//! A fuzzer that knows bytes alone spends its time on what no parser takes. Half of the changes are such
//! changes all the same, for parsers have to be tried too.

use serde_json::{Map, Value, json};
use std::{fs, path::Path, sync::OnceLock};

/// Changes `data[..size]` and answers with its new size, `max_size` at most.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice::new(seed);
    let read = serde_json::from_slice(&data[..size]).ok().filter(|_| dice.throw(2) == 0);
    let Some(mut value) = read else {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    };
    for _ in 0..=dice.throw(4) {
        change(&mut value, &mut dice, donors());
    }
    let text = value.to_string();
    match data.get_mut(..text.len()).filter(|place| place.len() <= max_size) {
        Some(place) => {
            place.copy_from_slice(text.as_bytes());
            text.len()
        }
        None => libfuzzer_sys::fuzzer_mutate(data, size, max_size),
    }
}

/// Numbers that look random and follow from a seed, so that a run can be had again.
struct Dice(u64);

impl Dice {
    fn new(seed: u32) -> Self {
        Self(u64::from(seed) << 1 | 1)
    }

    /// A number below `sides`, or 0.
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default().checked_rem(sides).unwrap_or_default()
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.throw(all.len()))
    }
}

/// A field of some fixture, to be put where it does not belong.
type Donor = (String, Value);

/// Every field of every fixture.
fn donors() -> &'static [Donor] {
    static DONORS: OnceLock<Vec<Donor>> = OnceLock::new();
    DONORS.get_or_init(|| {
        let mut donors = Vec::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures"), &mut donors);
        donors
    })
}

fn collect(folder: &Path, donors: &mut Vec<Donor>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, donors);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let value = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
            take_fields(value.unwrap_or_default(), donors);
        }
    }
}

fn take_fields(value: Value, donors: &mut Vec<Donor>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                take_fields(value.clone(), donors);
                donors.push((key, value));
            }
        }
        Value::Array(list) => list.into_iter().for_each(|value| take_fields(value, donors)),
        Value::String(text) => {
            if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(&text) {
                take_fields(inner, donors);
            }
        }
        _ => {}
    }
}

/// Changes one value somewhere inside.
fn change(value: &mut Value, dice: &mut Dice, donors: &[Donor]) {
    let mut steps = dice.throw(count(value));
    let Some(place) = nth(value, &mut steps) else { return };
    let donor = dice.one_of(donors).cloned().unwrap_or_default();
    match (dice.throw(8), place) {
        (0, place) => *place = donor.1,
        (1, place) => *place = odd(dice),
        (2, Value::Object(map)) => drop(rename(map, dice, donor.0)),
        (3, Value::Object(map)) => drop(key(map, dice).and_then(|key| map.remove(&key))),
        (3, Value::Array(list)) if !list.is_empty() => drop(list.remove(dice.throw(list.len()))),
        (4, place) => *place = Value::String(place.to_string()),
        (5, Value::String(text)) => text.push_str(odd(dice).as_str().unwrap_or("x")),
        (6, place) => *place = json!([place.take(), donor.1]),
        (_, Value::Object(map)) => drop(map.insert(donor.0, donor.1)),
        (_, Value::Array(list)) => list.push(donor.1),
        (_, place) => *place = json!({donor.0: place.take()}),
    }
}

fn key(map: &Map<String, Value>, dice: &mut Dice) -> Option<String> {
    map.keys().nth(dice.throw(map.len())).cloned()
}

fn rename(map: &mut Map<String, Value>, dice: &mut Dice, name: String) -> Option<Value> {
    let value = key(map, dice).and_then(|key| map.remove(&key))?;
    map.insert(name, value)
}

/// What nobody expects.
fn odd(dice: &mut Dice) -> Value {
    let odds = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(1e300),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(""),
        json!(" "),
        json!("\0"),
        json!("@Helper "),
        json!("@\u{2005}"),
        json!("\u{200b}"),
        json!("👩‍👩‍👧‍👦"),
        json!("\u{202e}abc"),
        json!("18446744073709551616"),
        json!("[]"),
        json!("{\"text\":\"\\ud83d\"}"),
        json!([]),
        json!({}),
    ];
    dice.one_of(&odds).cloned().unwrap_or_default()
}

/// How many values there are, with those inside.
fn count(value: &Value) -> usize {
    let inside: usize = match value {
        Value::Object(map) => map.values().map(count).sum(),
        Value::Array(list) => list.iter().map(count).sum(),
        _ => 0,
    };
    inside + 1
}

/// The value that is `steps` further on.
fn nth<'a>(value: &'a mut Value, steps: &mut usize) -> Option<&'a mut Value> {
    if *steps == 0 {
        return Some(value);
    }
    *steps -= 1;
    match value {
        Value::Object(map) => map.values_mut().find_map(|value| nth(value, steps)),
        Value::Array(list) => list.iter_mut().find_map(|value| nth(value, steps)),
        _ => None,
    }
}
