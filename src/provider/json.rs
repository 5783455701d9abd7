//! JSON answers with secrets in them.

use std::fmt;
use std::prelude::rust_2024::*;

use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::AnswerError;
use super::http::ANSWER_LIMIT;

/// A JSON object whose texts are wiped on drop. Names of fields are matched exactly; `null` counts as absent.
#[derive(Clone)]
pub struct Document(Value);

impl Document {
    /// The object that `bytes` are.
    ///
    /// # Errors
    /// No bytes, no UTF-8, no JSON, or JSON that is no object.
    pub fn parse(bytes: &[u8]) -> Result<Self, AnswerError> {
        if bytes.trim_ascii().is_empty() {
            return Err(AnswerError::Empty);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| AnswerError::NotUtf8)?;
        let value = serde_json::from_str(text).map_err(|_| AnswerError::NotJson)?;
        let document = Document(value);
        match document.0.is_object() {
            true => Ok(document),
            false => Err(AnswerError::NotJson),
        }
    }

    /// An object of these fields.
    pub fn of(fields: &[(&str, &str)]) -> Self {
        let mut map = Map::new();
        for (name, value) in fields {
            map.insert(String::from(*name), Value::from(*value));
        }
        Document(Value::Object(map))
    }

    /// Puts a field in the place of what was there; that is wiped.
    pub fn set(&mut self, name: &str, value: Value) {
        if let Some(fields) = self.0.as_object_mut()
            && let Some(mut old) = fields.insert(name.into(), value)
        {
            wipe(&mut old);
        }
    }

    /// The same of a field that is an object of its own.
    #[cfg(feature = "login")]
    pub fn set_object(&mut self, name: &str, mut object: Document) {
        self.set(name, object.0.take());
    }

    /// As JSON text.
    pub fn to_text(&self) -> Zeroizing<String> {
        // Room for any file that was read: growing would leave copies behind.
        let mut text = Zeroizing::new(String::with_capacity(2 * ANSWER_LIMIT));
        // Writing to a string does not fail.
        let _ = fmt::Write::write_fmt(&mut *text, format_args!("{}", self.0));
        text
    }

    /// A field; `None` where it is absent or `null`.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A field that is text, where it is there.
    ///
    /// # Errors
    /// It is something else.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, AnswerError> {
        let Some(value) = self.field(name) else {
            return Ok(None);
        };
        value.as_str().map(Some).ok_or(AnswerError::Field {
            name,
            expected: "text",
        })
    }

    /// A field that must be there and be text.
    ///
    /// # Errors
    /// It is not there, or something else.
    pub fn required(&self, name: &'static str) -> Result<&str, AnswerError> {
        self.text(name)?.ok_or(AnswerError::Missing(name))
    }

    /// A field that is an object of its own.
    pub fn object(&self, name: &'static str) -> Option<Document> {
        let value = self.field(name)?;
        value.is_object().then(|| Document(value.clone()))
    }

    /// An error code that a service put under `code`, `Code` or `__type`, where it is short and plain.
    pub fn code(&self) -> Option<String> {
        let code = ["Code", "code", "__type"]
            .iter()
            .find_map(|name| self.field(name)?.as_str())?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-#:".contains(&b);
        (code.len() <= 64 && code.bytes().all(plain)).then(|| code.into())
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.as_object().into_iter().flat_map(Map::keys);
        f.debug_set().entries(names).finish()
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => (),
    }
}
