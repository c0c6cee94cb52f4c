//! How every WSJF object is read and written: known keys straight into typed fields, all others into `extra`.
//!
//! Serde's own derive would refuse `null` for a plain `String` or `Vec`, could not tell `[]` from an absent list, and would read
//! an array as an object. One macro and one driver settle these for all types.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value;

use crate::Extra;

/// What the macro tells the driver about one object type.
pub(crate) trait Object: Default {
    /// What a reader expects here, for messages.
    const EXPECTING: &'static str;
    /// A known key.
    type Slot: Copy;

    fn slot(key: &str) -> Option<Self::Slot>;
    fn bit(slot: Self::Slot) -> u64;
    fn key(slot: Self::Slot) -> &'static str;
    /// The first required key that is not among `seen`.
    fn missing(seen: u64) -> Option<&'static str>;
    fn read_field<'de, A: MapAccess<'de>>(&mut self, slot: Self::Slot, map: &mut A) -> Result<(), A::Error>;
    /// Writes the fields that hold something and says which.
    fn write_fields<M: SerializeMap>(&self, map: &mut M) -> Result<u64, M::Error>;
    fn extra(&self) -> &Extra;
    fn extra_mut(&mut self) -> &mut Extra;
}

/// A value a known key can hold.
pub(crate) trait Field: Sized {
    /// Whether an object without this key is unreadable.
    const REQUIRED: bool = false;

    /// Reads the field; the second part is an empty value to be kept in `extra`.
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(Self, Option<Value>), A::Error>;
    fn is_absent(&self) -> bool;
}

impl<T: DeserializeOwned> Field for Option<T> {
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(Self, Option<Value>), A::Error> {
        Ok((map.next_value()?, None))
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl Field for String {
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(Self, Option<Value>), A::Error> {
        let text: Option<String> = map.next_value()?;
        let kept = text.as_ref().filter(|text| text.is_empty()).map(|_| Value::String(String::new()));
        Ok((text.unwrap_or_default(), kept))
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T: DeserializeOwned> Field for Vec<T> {
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(Self, Option<Value>), A::Error> {
        let list: Option<Vec<T>> = map.next_value()?;
        let kept = list.as_ref().filter(|list| list.is_empty()).map(|_| Value::Array(Vec::new()));
        let mut list = list.unwrap_or_default();
        // most lists hold one measurement; the growth of a Vec would quadruple them
        list.shrink_to_fit();
        Ok((list, kept))
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// Reads an object of type `T`.
pub(crate) fn read<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

/// Writes an object: typed fields first, then `extra`.
pub(crate) fn write<T: Object, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    let written = object.write_fields(&mut map)?;
    for (key, value) in object.extra() {
        if T::slot(key).is_none_or(|slot| written & T::bit(slot) == 0) {
            map.serialize_entry(key, value)?;
        }
    }
    map.end()
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTING)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut object = T::default();
        let mut seen = 0;
        while let Some(key) = map.next_key::<Key<T>>()? {
            match key {
                Key::Known(slot) if seen & T::bit(slot) != 0 => return Err(twice(T::key(slot))),
                Key::Known(slot) => {
                    seen |= T::bit(slot);
                    object.read_field(slot, &mut map)?;
                }
                Key::Unknown(key) => read_unknown(object.extra_mut(), key, &mut map)?,
            }
        }
        match T::missing(seen) {
            Some(key) => Err(A::Error::missing_field(key)),
            None => Ok(object),
        }
    }
}

fn read_unknown<'de, A: MapAccess<'de>>(extra: &mut Extra, key: String, map: &mut A) -> Result<(), A::Error> {
    let value: Value = map.next_value()?;
    if extra.contains_key(&key) {
        return Err(twice(&key));
    }
    if !value.is_null() {
        extra.insert(key, value);
    }
    Ok(())
}

fn twice<E: serde::de::Error>(key: &str) -> E {
    E::custom(format_args!("found the key \"{key}\" twice, expected it once"))
}

/// A key without an allocation where it is known.
enum Key<T: Object> {
    Known(T::Slot),
    Unknown(String),
}

impl<'de, T: Object> Deserialize<'de> for Key<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(KeyVisitor(PhantomData))
    }
}

struct KeyVisitor<T>(PhantomData<T>);

impl<T: Object> Visitor<'_> for KeyVisitor<T> {
    type Value = Key<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key<T>, E> {
        Ok(T::slot(key).map_or_else(|| Key::Unknown(key.to_owned()), Key::Known))
    }
}

/// Makes the fields of an object from its list of keys: the struct, its reading and its writing.
macro_rules! wsjf_object {
    (
        $(#[$meta:meta])*
        $name:ident, $expecting:literal, {
            $($(#[$field_meta:meta])* $field:ident: $type:ty = $key:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)+
            /// Everything else the source said here; see [`Extra`](crate::Extra).
            pub extra: $crate::Extra,
        }

        const _: () = {
            #[derive(Clone, Copy)]
            #[allow(non_camel_case_types, reason = "one variant per field, named like it")]
            pub(crate) enum Slot { $($field),+ }

            impl $crate::object::Object for $name {
                const EXPECTING: &'static str = $expecting;
                type Slot = Slot;

                fn slot(key: &str) -> Option<Slot> {
                    match key {
                        $($key => Some(Slot::$field),)+
                        _ => None,
                    }
                }

                fn bit(slot: Slot) -> u64 {
                    1 << slot as u32
                }

                fn key(slot: Slot) -> &'static str {
                    match slot { $(Slot::$field => $key,)+ }
                }

                fn missing(seen: u64) -> Option<&'static str> {
                    $(if <$type as $crate::object::Field>::REQUIRED && seen & Self::bit(Slot::$field) == 0 {
                        return Some($key);
                    })+
                    None
                }

                fn read_field<'de, A: serde::de::MapAccess<'de>>(&mut self, slot: Slot, map: &mut A) -> Result<(), A::Error> {
                    let kept = match slot {
                        $(Slot::$field => {
                            let (value, kept) = <$type as $crate::object::Field>::read(map)?;
                            self.$field = value;
                            kept
                        })+
                    };
                    if let Some(kept) = kept {
                        self.extra.insert(Self::key(slot).to_owned(), kept);
                    }
                    Ok(())
                }

                fn write_fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<u64, M::Error> {
                    let mut written = 0;
                    $(if !$crate::object::Field::is_absent(&self.$field) {
                        map.serialize_entry($key, &self.$field)?;
                        written |= Self::bit(Slot::$field);
                    })+
                    Ok(written)
                }

                fn extra(&self) -> &$crate::Extra {
                    &self.extra
                }

                fn extra_mut(&mut self) -> &mut $crate::Extra {
                    &mut self.extra
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    $crate::object::read(deserializer)
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    $crate::object::write(self, serializer)
                }
            }
        };
    };
}
pub(crate) use wsjf_object;
