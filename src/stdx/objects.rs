//! Reading in which a list is never taken for an object.
//!
//! Derived readers take a list for a struct, member by member in the order in which the struct names them, at any depth: `[500, "USD"]` would be an
//! amount of money, and would be another one after two members changed places. [`Strict`] stands around a deserializer and refuses that; tuples and
//! lists stay what they are. What a type reads into a buffer before it knows what it is (`untagged`, `flatten`) is beyond its reach.

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use std::fmt;

/// Reads all of a JSON text, strictly.
///
/// # Errors
/// When it is no JSON, or not of that shape.
pub fn from_slice<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    let mut source = serde_json::Deserializer::from_slice(json);
    let value = T::deserialize(Strict(&mut source))?;
    source.end().map(|()| value)
}

/// A deserializer, an access, a seed or a visitor that reads what is inside it strictly.
pub struct Strict<T>(pub T);

/// A visitor that takes no list.
struct NoList<V>(V);

macro_rules! hand_on {
    ($($method:ident($($argument:ident: $kind:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $kind,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($argument,)* Strict(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    hand_on! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, NoList(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident($kind:ty);)*) => {$(
        fn $method<E: de::Error>(self, value: $kind) -> Result<V::Value, E> {
            self.0.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<V> {
    type Value = V::Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(out)
    }

    visit! {
        visit_bool(bool);
        visit_i8(i8);
        visit_i16(i16);
        visit_i32(i32);
        visit_i64(i64);
        visit_i128(i128);
        visit_u8(u8);
        visit_u16(u16);
        visit_u32(u32);
        visit_u64(u64);
        visit_u128(u128);
        visit_f32(f32);
        visit_f64(f64);
        visit_char(char);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
        visit_bytes(&[u8]);
        visit_borrowed_bytes(&'de [u8]);
        visit_byte_buf(Vec<u8>);
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Strict(inner))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Strict(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Strict(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strict(object))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, choice: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Strict(choice))
    }
}

/// What a struct is read from; everything else that it may be given is refused by the visitor inside.
impl<'de, V: Visitor<'de>> Visitor<'de> for NoList<V> {
    type Value = V::Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(out)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<V::Value, A::Error> {
        Err(de::Error::invalid_type(Unexpected::Seq, &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strict(object))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(input))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    /// Names of members are texts.
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Strict<A> {
    type Error = A::Error;
    type Variant = Strict<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(seed).map(|(choice, inside)| (choice, Strict(inside)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Strict(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Strict(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, NoList(visitor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Price {
        minor: i64,
        currency: String,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Terms {
        Free,
        Flat(Price),
        Range { from: i64, to: i64 },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapped(Price);

    #[derive(Debug, PartialEq, Deserialize)]
    struct Order {
        price: Option<Price>,
        prices: Vec<Price>,
        named: BTreeMap<String, Price>,
        place: (f64, f64),
        terms: Terms,
        wrapped: Wrapped,
        rest: serde_json::Value,
    }

    const ORDER: &str = r#"{"price":{"minor":1,"currency":"EUR"},"prices":[{"minor":2,"currency":"EUR"}],"named":{"a":{"minor":3,"currency":"EUR"}},
        "place":[1.5,2],"terms":{"range":{"from":1,"to":2}},"wrapped":{"minor":4,"currency":"EUR"},"rest":[1,[2],{"a":[]}]}"#;

    fn read(json: &str) -> Result<Order, String> {
        let from_text = Order::deserialize(Strict(&mut serde_json::Deserializer::from_str(json))).map_err(|error| error.to_string());
        let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
        let from_value = Order::deserialize(Strict(value)).map_err(|error| error.to_string());
        assert_eq!(from_text.as_ref().ok(), from_value.as_ref().ok(), "{json}: {from_text:?} {from_value:?}");
        from_text
    }

    #[test]
    fn objects_lists_tuples_and_choices_are_read_as_ever() {
        let order = read(ORDER).expect("is an order");
        assert_eq!(
            (order.price.map(|price| price.minor), order.prices.len(), order.named["a"].minor, order.place),
            (Some(1), 1, 3, (1.5, 2.0))
        );
        assert_eq!((order.terms, order.wrapped.0.minor), (Terms::Range { from: 1, to: 2 }, 4));
        assert_eq!(order.rest, serde_json::json!([1, [2], {"a": []}]));
        for terms in [r#""free""#, r#"{"flat":{"minor":1,"currency":"EUR"}}"#] {
            assert!(read(&ORDER.replace(r#"{"range":{"from":1,"to":2}}"#, terms)).is_ok(), "{terms}");
        }
        assert!(read(&ORDER.replace(r#""price":{"minor":1,"currency":"EUR"}"#, r#""price":null"#)).is_ok());
    }

    #[test]
    fn no_list_is_taken_for_an_object_at_any_depth() {
        for (object, list) in [
            (r#"{"minor":1,"currency":"EUR"}"#, r#"[1,"EUR"]"#),
            (r#"{"minor":2,"currency":"EUR"}"#, r#"[2,"EUR"]"#),
            (r#"{"minor":3,"currency":"EUR"}"#, r#"[3,"EUR"]"#),
            (r#"{"minor":4,"currency":"EUR"}"#, r#"[4,"EUR"]"#),
            (r#"{"from":1,"to":2}"#, "[1,2]"),
            (r#"{"range":{"from":1,"to":2}}"#, r#"{"flat":[1,"EUR"]}"#),
        ] {
            let json = ORDER.replace(object, list);
            assert_ne!(json, ORDER, "{object}");
            let refused = read(&json).expect_err(&json);
            assert!(refused.starts_with("invalid type: sequence, expected "), "{json}: {refused}");
        }
    }
}
