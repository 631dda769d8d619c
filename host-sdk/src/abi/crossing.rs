//! How a plain Rust value becomes one with a stable layout, and back.

use abi_stable::std_types::{ROption, RString, RVec};

/// A value that can cross the boundary.
///
/// Plain Rust on both sides, `Raw` in between. Strings and vectors move without a copy on the way
/// out; on the way in they are copied once if they were allocated by the other side.
pub trait Crossing: Sized {
    /// The form with a stable layout.
    type Raw;

    /// Makes the form that crosses.
    fn into_raw(self) -> Self::Raw;

    /// Takes what arrived.
    fn from_raw(raw: Self::Raw) -> Self;
}

impl Crossing for String {
    type Raw = RString;

    fn into_raw(self) -> RString {
        self.into()
    }

    fn from_raw(raw: RString) -> Self {
        raw.into_string()
    }
}

impl<T: Crossing> Crossing for Vec<T> {
    type Raw = RVec<T::Raw>;

    fn into_raw(self) -> RVec<T::Raw> {
        self.into_iter().map(T::into_raw).collect()
    }

    fn from_raw(raw: RVec<T::Raw>) -> Self {
        raw.into_iter().map(T::from_raw).collect()
    }
}

impl<T: Crossing> Crossing for Option<T> {
    type Raw = ROption<T::Raw>;

    fn into_raw(self) -> ROption<T::Raw> {
        self.map(T::into_raw).into()
    }

    fn from_raw(raw: ROption<T::Raw>) -> Self {
        raw.into_option().map(T::from_raw)
    }
}

/// Implements [`Crossing`] for types whose layout is already stable.
macro_rules! crosses_as_itself {
    ($($name:ty),* $(,)?) => {$(
        impl $crate::abi::Crossing for $name {
            type Raw = Self;

            fn into_raw(self) -> Self {
                self
            }

            fn from_raw(raw: Self) -> Self {
                raw
            }
        }
    )*};
}
pub(crate) use crosses_as_itself;

crosses_as_itself!((), bool, u8, u16, u32, u64, i64);

/// Declares a struct in both its forms: plain, and with a stable layout.
///
/// Fields are in the order of the layout, which is frozen: new facts go into `extra`.
macro_rules! crossing_struct {
    ($(#[$meta:meta])* pub struct $name:ident as $raw:ident {
        $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        #[doc = concat!("[`", stringify!($name), "`] with a stable layout.")]
        #[repr(C)]
        #[derive(abi_stable::StableAbi)]
        pub struct $raw {
            $($field: <$type as $crate::abi::Crossing>::Raw,)*
        }

        impl $crate::abi::Crossing for $name {
            type Raw = $raw;

            fn into_raw(self) -> $raw {
                $raw { $($field: $crate::abi::Crossing::into_raw(self.$field),)* }
            }

            fn from_raw(raw: $raw) -> Self {
                Self { $($field: $crate::abi::Crossing::from_raw(raw.$field),)* }
            }
        }
    };
}
pub(crate) use crossing_struct;

/// Declares an open set: an integer with names, so that a later version may add one.
///
/// The names are associated constants spelled like variants, and match like them; a `match` keeps
/// a `_` arm for values that this version does not know. Serialised by name, in lower camel case, and
/// by number, as in `#17`, where there is no name. A name that is not known here, since a newer version
/// wrote it, is read as the highest number, which is nobody's: better than not to read the rest.
macro_rules! open_set {
    ($(#[$meta:meta])* pub struct $name:ident($int:ty) {
        $($(#[$value_meta:meta])* $value:ident = $number:literal as $text:literal,)*
    }) => {
        $(#[$meta])*
        #[repr(transparent)]
        #[derive(abi_stable::StableAbi, Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub $int);

        #[allow(non_upper_case_globals, reason = "they stand where an enum's variants would")]
        impl $name {
            $($(#[$value_meta])* pub const $value: Self = Self($number);)*

            /// Its name, if this version knows it.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$value => Some($text),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "#{}", self.0),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.name() {
                    Some(name) => serializer.serialize_str(name),
                    None => serializer.collect_str(&format_args!("#{}", self.0)),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                #[serde(untagged)]
                enum Written {
                    Number($int),
                    Name(String),
                }
                match Written::deserialize(deserializer)? {
                    Written::Number(number) => Ok(Self(number)),
                    $(Written::Name(name) if name == $text => Ok(Self::$value),)*
                    Written::Name(name) => {
                        let number = name.strip_prefix('#').and_then(|number| number.parse().ok());
                        Ok(Self(number.unwrap_or(<$int>::MAX)))
                    }
                }
            }
        }

        $crate::abi::crosses_as_itself!($name);
    };
}
pub(crate) use open_set;

#[cfg(test)]
mod tests {
    use crate::value::{AttachmentKind, EventKind};

    fn read(text: &str) -> EventKind {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_member_is_written_by_name_and_one_without_a_name_by_number() {
        for (member, text) in [(EventKind::Withheld, r#""withheld""#), (EventKind(17), r##""#17""##)] {
            assert_eq!(serde_json::to_string(&member).unwrap(), text);
            assert_eq!(read(text), member);
        }
        assert_eq!(read("17"), EventKind(17));
    }

    #[test]
    fn a_name_of_a_newer_version_is_read_as_a_member_without_a_name() {
        for text in [r#""edited""#, r##""#-1""##, r##""#99999999""##, r##""#""##] {
            assert_eq!(read(text), EventKind(u16::MAX), "{text}");
            assert_eq!(read(text).name(), None);
        }
        let kind: AttachmentKind = serde_json::from_str(r#""hologram""#).unwrap();
        assert_eq!(kind, AttachmentKind(u8::MAX));
    }
}
