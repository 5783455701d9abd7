//! Values by name.

use alloc::string::String;
use alloc::vec::Vec;

/// A map for some hundred names, sorted. Every type of value in a `BTreeMap` costs the program about 5 kB; here it is
/// a tenth of that.
#[derive(Clone, Debug)]
pub(crate) struct Named<T>(Vec<(String, T)>);

impl<T> Named<T> {
    pub fn get(&self, name: &str) -> Option<&T> {
        let at = self.place(name).ok()?;
        Some(&self.0[at].1)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        let at = self.place(name).ok()?;
        Some(&mut self.0[at].1)
    }

    pub fn insert(&mut self, name: &str, value: T) {
        match self.place(name) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (name.into(), value)),
        }
    }

    pub fn remove(&mut self, name: &str) -> Option<T> {
        let at = self.place(name).ok()?;
        Some(self.0.remove(at).1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(held, _)| held.as_str().cmp(name))
    }
}

impl<T: Default> Named<T> {
    pub fn get_or_default(&mut self, name: &str) -> &mut T {
        let at = match self.place(name) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (name.into(), T::default()));
                at
            }
        };
        &mut self.0[at].1
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_name_is_kept_in_the_order_of_names() {
        let mut named = Named::default();
        for (name, value) in [("b", 1), ("a", 2), ("c", 3), ("b", 4)] {
            named.insert(name, value);
        }
        *named.get_or_default("d") += 5;
        *named.get_or_default("a") += 5;
        assert_eq!(named.remove("c"), Some(3));
        assert_eq!(named.remove("c"), None);
        let all: Vec<_> = named.iter().map(|(name, value)| (name, *value)).collect();
        assert_eq!(all, [("a", 7), ("b", 4), ("d", 5)]);
        assert_eq!((named.get("b"), named.get("c")), (Some(&4), None));
    }
}
