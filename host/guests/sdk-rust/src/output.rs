//! What a function may return for its `#[output]` declarations.

use std::borrow::Cow;

use serde::Serialize;

use crate::data::Data;
use crate::{Context, Error, IntoResponse, Json, Response, Result};

/// One queue message: text, bytes, or [`Json`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a queue message",
    note = "a message is text, a `Vec<u8>`, `Json<T>` or a `serde_json::Value`"
)]
pub trait Message {
    /// # Errors
    /// A value that cannot be written as JSON.
    fn into_data(self) -> Result<Data>;
}

impl Message for String {
    fn into_data(self) -> Result<Data> {
        Ok(Data::Text(self))
    }
}

impl Message for &str {
    fn into_data(self) -> Result<Data> {
        Ok(Data::Text(self.to_owned()))
    }
}

impl Message for Cow<'_, str> {
    fn into_data(self) -> Result<Data> {
        Ok(Data::Text(self.into_owned()))
    }
}

impl Message for Vec<u8> {
    fn into_data(self) -> Result<Data> {
        Ok(Data::Bytes(self))
    }
}

impl<T: Serialize> Message for Json<T> {
    fn into_data(self) -> Result<Data> {
        serde_json::to_string(&self.0).map(Data::Json).context("the message cannot be written as JSON")
    }
}

impl Message for serde_json::Value {
    fn into_data(self) -> Result<Data> {
        Ok(Data::Json(self.to_string()))
    }
}

/// What goes to one output: a [`Message`], a list of them, an `Option`, or `()` for none.
///
/// A text and a `Vec<u8>` are one message as they are. Of JSON that is an array every element is a message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot go to an output",
    note = "return text, a `Vec<u8>`, `Json<T>`, a `Vec` of these, an `Option` of these, or `()`"
)]
pub trait IntoOutput {
    /// # Errors
    /// A value that cannot be written as JSON.
    fn into_output(self) -> Result<Data>;
}

impl IntoOutput for () {
    fn into_output(self) -> Result<Data> {
        Ok(Data::None)
    }
}

/// Texts go as lists of one: a single text that happens to be a JSON array would be taken apart.
fn one(message: impl Message) -> Result<Data> {
    Ok(match message.into_data()? {
        Data::Text(text) => Data::TextList(vec![text]),
        other => other,
    })
}

macro_rules! single {
    ($($message:ty),*) => {$(
        impl IntoOutput for $message {
            fn into_output(self) -> Result<Data> {
                one(self)
            }
        }
    )*};
}

single!(String, &str, Cow<'_, str>, Vec<u8>, serde_json::Value);

impl<T: Serialize> IntoOutput for Json<T> {
    fn into_output(self) -> Result<Data> {
        one(self)
    }
}

impl<T: Message> IntoOutput for Vec<T> {
    fn into_output(self) -> Result<Data> {
        let (mut texts, mut bytes, mut json) = (Vec::new(), Vec::new(), Vec::new());
        for message in self {
            match message.into_data()? {
                Data::Text(text) => texts.push(text),
                Data::Bytes(item) => bytes.push(item),
                Data::Json(text) => json.push(text),
                _ => {}
            }
        }
        // The messages of one list are of one type, so of one kind.
        Ok(match (texts.is_empty(), bytes.is_empty(), json.is_empty()) {
            (false, ..) => Data::TextList(texts),
            (_, false, _) => Data::BytesList(bytes),
            (_, _, false) => Data::Json(format!("[{}]", json.join(","))),
            _ => Data::None,
        })
    }
}

impl<T: IntoOutput> IntoOutput for Option<T> {
    fn into_output(self) -> Result<Data> {
        self.map_or(Ok(Data::None), T::into_output)
    }
}

/// What a function with `N` outputs returns: what goes to the only one, or a tuple in the order of the declarations; or a `Result`
/// of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by a function with {N} outputs",
    note = "return one value for each #[output] in their order, as a tuple if there are several, or a `Result` of that",
    note = "without #[output] return `()` or `Result<()>`"
)]
pub trait IntoOutputs<const N: usize> {
    /// # Errors
    /// What the function reported, or a value that cannot be written as JSON.
    fn into_outputs(self) -> Result<[Data; N]>;
}

impl IntoOutputs<0> for () {
    fn into_outputs(self) -> Result<[Data; 0]> {
        Ok([])
    }
}

impl<T: IntoOutput> IntoOutputs<1> for T {
    fn into_outputs(self) -> Result<[Data; 1]> {
        Ok([self.into_output()?])
    }
}

impl<T: IntoOutputs<N>, E: Into<Error>, const N: usize> IntoOutputs<N> for std::result::Result<T, E> {
    fn into_outputs(self) -> Result<[Data; N]> {
        self.map_err(Into::into)?.into_outputs()
    }
}

/// What an HTTP function with `N` outputs returns: its answer, and with outputs a tuple of the answer and a value for each of them; or a
/// `Result` of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by an HTTP function with {N} outputs",
    note = "return text, bytes, `Json<T>`, `(status, body)`, `Response`, an `Option` or a `Result` of these",
    note = "with outputs return a tuple: the answer, then a value for each #[output] in their order"
)]
pub trait IntoAnswer<const N: usize> {
    /// # Errors
    /// What the function reported, or a value that cannot be written as JSON.
    fn into_answer(self) -> Result<(Response, [Data; N])>;
}

impl<T: IntoResponse> IntoAnswer<0> for T {
    fn into_answer(self) -> Result<(Response, [Data; 0])> {
        Ok((self.into_response()?, []))
    }
}

macro_rules! tuples {
    ($($count:literal: $($type:ident $value:ident),+;)*) => {$(
        impl<R: IntoResponse, $($type: IntoOutput),+> IntoAnswer<$count> for (R, $($type),+) {
            fn into_answer(self) -> Result<(Response, [Data; $count])> {
                let (response, $($value),+) = self;
                Ok((response.into_response()?, [$($value.into_output()?),+]))
            }
        }

        impl<T: IntoAnswer<$count>, E: Into<Error>> IntoAnswer<$count> for std::result::Result<T, E> {
            fn into_answer(self) -> Result<(Response, [Data; $count])> {
                self.map_err(Into::into)?.into_answer()
            }
        }
    )*};
}

tuples! {
    1: A a;
    2: A a, B b;
    3: A a, B b, C c;
    4: A a, B b, C c, D d;
}

macro_rules! several {
    ($($count:literal: $($type:ident $value:ident),+;)*) => {$(
        impl<$($type: IntoOutput),+> IntoOutputs<$count> for ($($type),+) {
            fn into_outputs(self) -> Result<[Data; $count]> {
                let ($($value),+) = self;
                Ok([$($value.into_output()?),+])
            }
        }
    )*};
}

several! {
    2: A a, B b;
    3: A a, B b, C c;
    4: A a, B b, C c, D d;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Data {
        Data::TextList(vec![text.to_owned()])
    }

    #[test]
    fn each_kind_of_value_becomes_messages() {
        let json = |text: &str| Data::Json(text.to_owned());
        assert_eq!("[1]".into_output().unwrap(), text("[1]"));
        assert_eq!("a".to_owned().into_output().unwrap(), text("a"));
        assert_eq!(vec![1_u8, 2].into_output().unwrap(), Data::Bytes(vec![1, 2]));
        assert_eq!(Json(("a", 1)).into_output().unwrap(), json(r#"["a",1]"#));
        assert_eq!(vec!["a", "b"].into_output().unwrap(), Data::TextList(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(vec![vec![1_u8], vec![]].into_output().unwrap(), Data::BytesList(vec![vec![1], vec![]]));
        assert_eq!(vec![Json(1), Json(2)].into_output().unwrap(), json("[1,2]"));
        assert_eq!(serde_json::json!({"a": 1}).into_output().unwrap(), json(r#"{"a":1}"#));
        for nothing in [None::<String>.into_output(), ().into_output(), Vec::<String>::new().into_output()] {
            assert_eq!(nothing.unwrap(), Data::None);
        }
        assert_eq!(Some("a").into_output().unwrap(), text("a"));
    }

    #[test]
    fn several_outputs_are_a_tuple_and_errors_pass() {
        assert_eq!(("a", None::<String>).into_outputs().unwrap(), [text("a"), Data::None]);
        assert_eq!(Ok::<_, Error>("a").into_outputs().unwrap(), [text("a")]);
        let [] = Ok::<(), Error>(()).into_outputs().unwrap();
        let failed: Result<(&str, &str)> = Err(Error::internal("no"));
        assert_eq!(failed.into_outputs().unwrap_err().to_string(), "no");
        let (response, outputs) = Ok::<_, Error>(((202, "taken"), "a", vec!["b"])).into_answer().unwrap();
        assert_eq!((response.status(), outputs), (202, [text("a"), text("b")]));
    }
}
