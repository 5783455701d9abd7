//! JSON objects read strictly: a key that nothing asked for fails the run.

use serde_json::{Map, Value};

/// One object of a vector file; every key has to be taken before [`Object::finish`].
pub struct Object {
    whose: String,
    fields: Map<String, Value>,
}

impl Object {
    /// `whose` names file and case in what a failure says.
    pub fn new(value: Value, whose: &str) -> Object {
        let Value::Object(fields) = value else {
            panic!("{whose}: expected an object, got {value}")
        };
        Object {
            whose: whose.to_owned(),
            fields,
        }
    }

    /// A key that may be missing.
    pub fn optional(&mut self, key: &str) -> Option<Value> {
        self.fields.remove(key)
    }

    pub fn value(&mut self, key: &str) -> Value {
        self.optional(key)
            .unwrap_or_else(|| panic!("{}: no key {key:?}", self.whose))
    }

    pub fn optional_string(&mut self, key: &str) -> Option<String> {
        match self.optional(key)? {
            Value::String(text) => Some(text),
            other => panic!("{}: {key:?} is no text but {other}", self.whose),
        }
    }

    pub fn string(&mut self, key: &str) -> String {
        self.optional_string(key)
            .unwrap_or_else(|| panic!("{}: no key {key:?}", self.whose))
    }

    pub fn optional_bool(&mut self, key: &str) -> Option<bool> {
        let value = self.optional(key)?;
        Some(
            value
                .as_bool()
                .unwrap_or_else(|| panic!("{}: {key:?} is no boolean", self.whose)),
        )
    }

    pub fn bool(&mut self, key: &str) -> bool {
        self.optional_bool(key)
            .unwrap_or_else(|| panic!("{}: no key {key:?}", self.whose))
    }

    pub fn optional_number(&mut self, key: &str) -> Option<u64> {
        let value = self.optional(key)?;
        Some(
            value
                .as_u64()
                .unwrap_or_else(|| panic!("{}: {key:?} is no number", self.whose)),
        )
    }

    pub fn object(&mut self, key: &str) -> Object {
        let whose = format!("{} {key}", self.whose);
        Object::new(self.value(key), &whose)
    }

    /// A list of texts.
    pub fn strings(&mut self, key: &str) -> Vec<String> {
        let value = self.value(key);
        strings(value, &format!("{} {key}", self.whose))
    }

    /// Fails if a key was not taken.
    pub fn finish(self) {
        let left: Vec<&String> = self.fields.keys().collect();
        assert!(left.is_empty(), "{}: unknown keys {left:?}", self.whose);
    }
}

/// The texts of a list.
pub fn strings(value: Value, whose: &str) -> Vec<String> {
    list(value, whose)
        .into_iter()
        .map(|item| match item {
            Value::String(text) => text,
            other => panic!("{whose}: expected a text, got {other}"),
        })
        .collect()
}

/// The items of a list.
pub fn list(value: Value, whose: &str) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        other => panic!("{whose}: expected a list, got {other}"),
    }
}
