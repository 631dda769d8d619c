//! The folders that an account's files are kept in: the one that holds now, and earlier ones.

use super::{place::Place, tag::AccountTag};
use std::{collections::VecDeque, path::PathBuf, sync::Arc};

/// Earlier folders that are still looked after.
const EARLIER: usize = 4;

/// Where files went since the account runs. A file of a turn that goes on may be in any of them, and its time
/// ends there as in the one that holds now.
pub(super) struct Places {
    account: AccountTag,
    newest_first: VecDeque<Arc<Place>>,
}

impl Places {
    /// The folders of `account`, none so far.
    pub(super) fn new(account: AccountTag) -> Self {
        Self { account, newest_first: VecDeque::new() }
    }

    /// The folder at `root`, which is the one that holds from now on.
    pub(super) fn current(&mut self, root: PathBuf) -> Arc<Place> {
        let known = self.newest_first.iter().position(|place| place.root() == root);
        let known = known.and_then(|index| self.newest_first.remove(index));
        let place = known.unwrap_or_else(|| Arc::new(Place::new(root, self.account.clone())));
        self.newest_first.push_front(place.clone());
        if self.newest_first.len() > 1 + EARLIER
            && let Some(left) = self.newest_first.pop_back()
        {
            tracing::warn!("received files in {} are not looked after any more", left.root().display());
        }
        place
    }

    /// All of them, the one that holds now first.
    pub(super) fn all(&self) -> Vec<Arc<Place>> {
        self.newest_first.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_that_holds_is_the_first_and_a_few_earlier_ones_are_remembered() {
        let mut places = Places::new(AccountTag::of("ding1"));
        let first = places.current("/0".into());
        for number in 1..=EARLIER {
            places.current(format!("/{number}").into());
        }
        assert!(Arc::ptr_eq(&places.current("/0".into()), &first), "one folder has one owner");
        places.current("/new".into());
        let roots: Vec<_> = places.all().iter().map(|place| place.root().to_owned()).collect();
        assert_eq!(roots, ["/new", "/0", "/4", "/3", "/2"].map(PathBuf::from));
    }
}
