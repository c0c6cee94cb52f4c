//! What the ledger says of a file, and what is left to do with it.

use super::*;
use instance::WatchRule;
use store::SourceId;

const HERE: &str = "/in/a.json";

fn rule(post_action: PostAction, duplicates: Duplicates) -> Rule {
    Rule::new(0, &WatchRule { watch_folder: "/in".into(), post_action, duplicates, ..WatchRule::default() }).unwrap()
}

fn known(path: &str, mtime_ns: i64, filed: bool, account: Account) -> Known {
    Known { source: SourceId(7), outcome: SourceOutcome::Converted, filed, path: path.to_owned(), mtime_ns, reason: None, account }
}

fn brought() -> Source {
    let (path, hash) = (HERE.to_owned(), [0; 32]);
    Source { rule: "r".into(), path, size: 1, mtime_ns: 1, hash, format: String::new(), priority: 5 }
}

/// What is left to do, in a word.
fn word(product: Option<Product>) -> &'static str {
    match product {
        None => "convert",
        Some(Product::Committed { .. }) => "file",
        Some(Product::Duplicate { .. }) => "duplicate",
        Some(_) => "another",
    }
}

#[test]
fn a_content_is_taken_before_only_while_every_report_of_it_is_accounted_for_and_none_was_refused() {
    use Account::{Missing, Refused, Whole};
    use Duplicates::{Send, Skip};
    use PostAction::{Keep, Move};
    let table = [
        (Move, Skip, known("/in/b.json", 1, true, Whole), "duplicate"),
        (Move, Skip, known("/in/b.json", 1, true, Refused), "convert"),
        (Move, Skip, known("/in/b.json", 1, true, Missing), "convert"),
        (Move, Skip, known(HERE, 1, true, Whole), "duplicate"),
        (Move, Skip, known(HERE, 1, true, Refused), "convert"),
        // committed before a stop, and not filed yet
        (Move, Skip, known(HERE, 1, false, Whole), "file"),
        (Move, Skip, known(HERE, 1, false, Refused), "file"),
        (Move, Skip, known(HERE, 1, false, Missing), "convert"),
        // another file under the name of the one that was refused
        (Move, Skip, known(HERE, 2, false, Refused), "convert"),
        (Move, Send, known(HERE, 1, false, Whole), "file"),
        (Move, Send, known("/in/b.json", 1, true, Whole), "convert"),
        // a file that stays is not brought again by touching it
        (Keep, Skip, known(HERE, 2, true, Refused), "duplicate"),
        (Keep, Send, known(HERE, 2, true, Whole), "duplicate"),
        (Keep, Skip, known(HERE, 2, true, Missing), "convert"),
        (Keep, Skip, known("/in/b.json", 1, true, Refused), "convert"),
    ];
    for (post_action, duplicates, known, expected) in table {
        let found = word(taken_before(&rule(post_action, duplicates), &brought(), Some(&known)));
        assert_eq!(found, expected, "{post_action:?} {duplicates:?} {known:?}");
    }
    assert_eq!(word(taken_before(&rule(Move, Skip), &brought(), None)), "convert");
}

#[test]
fn a_file_that_stays_is_left_alone_unless_damage_took_a_report_of_it() {
    let print = Fingerprint { size: 1, mtime_ns: 1 };
    for account in [Account::Whole, Account::Refused] {
        assert_eq!(kept(Some(known(HERE, 1, true, account)), print).map(word), Err(Fate::Kept(print)), "{account:?}");
        assert_eq!(kept(Some(known(HERE, 1, false, account)), print).map(word), Ok("file"), "{account:?}");
    }
    for filed in [true, false] {
        assert_eq!(kept(Some(known(HERE, 1, filed, Account::Missing)), print).map(word), Ok("convert"));
    }
    assert_eq!(kept(None, print).map(word), Ok("convert"));
}
