//! Lists that stay short: the first entries are named, the others counted, so that a file that is wrong in every line does not
//! become a list longer than itself.

use crate::failure::Rejection;
use crate::input::Warning;

/// How many entries are named.
const NAMED: usize = 200;

/// The first entries of a list, and how many came after them.
#[derive(Debug)]
pub(crate) struct Named<T> {
    kept: Vec<T>,
    more: usize,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), more: 0 }
    }
}

impl<T> Named<T> {
    /// Adds an entry; what it says is only put together when it is named.
    pub(crate) fn push(&mut self, entry: impl FnOnce() -> T) {
        if self.kept.len() < NAMED {
            self.kept.push(entry());
        } else {
            self.more += 1;
        }
    }

    /// Adds all entries of another list, those that are only counted as well.
    pub(crate) fn append(&mut self, other: Self) {
        self.more += other.more;
        self.extend(other.kept);
    }

    /// The same list of what is made of each entry.
    pub(crate) fn map<U>(self, make: impl FnMut(T) -> U) -> Named<U> {
        Named { kept: self.kept.into_iter().map(make).collect(), more: self.more }
    }

    /// The entries that are named.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.kept.iter_mut()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

impl<T> Extend<T> for Named<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, entries: I) {
        entries.into_iter().for_each(|entry| self.push(|| entry));
    }
}

impl Named<Warning> {
    /// Puts them in the order of the source, those without a place first.
    pub(crate) fn sort_by_place(&mut self) {
        self.kept.sort_by_key(|warning| warning.at.map(|at| at.start));
    }

    /// All of them, the last one saying how many are not named.
    pub(crate) fn close(mut self) -> Vec<Warning> {
        if self.more > 0 {
            self.kept.push(Warning::new("", format!("{} more warnings of these kinds", self.more)));
        }
        self.kept
    }
}

impl Named<Rejection> {
    /// All of them, the last one saying how many are not named.
    pub(crate) fn close(mut self) -> Vec<Rejection> {
        if self.more > 0 {
            self.kept.push(Rejection::new(format!("there are {} more errors of these kinds", self.more), "correct those named first"));
        }
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_counted_once_whatever_list_it_came_from() {
        let many = |count: usize| {
            let mut list = Named::default();
            list.extend((0..count).map(|number| Warning::new("", number.to_string())));
            list
        };
        let mut all = many(150);
        all.append(many(250));
        let told = all.close();
        assert_eq!(told.len(), NAMED + 1);
        assert_eq!(told[NAMED].message, "200 more warnings of these kinds");
        assert_eq!(many(NAMED).close().len(), NAMED);
    }
}
