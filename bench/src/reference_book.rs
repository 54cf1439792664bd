//! The book that must come out, kept in ordered maps by a reader of its own, so that the engine is not judged by itself.

use std::collections::BTreeMap;

use serde_json::Value;
use tercel_types::{Level, parse_decimal};

use crate::venue::{PRICE_SCALE, QUANTITY_SCALE};

/// Price to quantity, as mantissas. In a [`Change`] a quantity of zero deletes.
pub type Levels = BTreeMap<i64, i64>;

/// What changes on the bid and on the ask side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Bid and ask levels.
    pub sides: [Levels; 2],
}

/// A book of ordered maps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferenceBook {
    sides: [Levels; 2],
}

/// What two books have in common if they are equal: the number of levels and a checksum over all of them, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Levels of both sides.
    pub levels: u64,
    /// FNV-1a over prices and quantities, bids and then asks.
    pub checksum: u64,
}

impl Change {
    /// The levels under two keys of a parsed message. `None` where they are not what a message has.
    #[must_use]
    pub fn read(message: &Value, keys: [&str; 2]) -> Option<Self> {
        Some(Self { sides: [read_side(message.get(keys[0])?)?, read_side(message.get(keys[1])?)?] })
    }

    /// How many levels change.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.sides.iter().map(Levels::len).sum()
    }

    /// Brings in a later change: the later quantity counts.
    pub fn absorb(&mut self, later: &Self) {
        for (side, levels) in self.sides.iter_mut().zip(&later.sides) {
            side.extend(levels);
        }
    }

    /// Takes that many of its levels out, deletions first: what is taken crosses no book that the whole change does not
    /// cross, and neither does what stays, once the other is applied.
    #[must_use]
    pub fn take(&mut self, levels: usize) -> Self {
        let all =
            || (0..2).flat_map(|side| self.sides[side].iter().map(move |(&price, &quantity)| (side, price, quantity)));
        let deletions = all().filter(|&(_, _, quantity)| quantity == 0);
        let taken: Vec<_> = deletions.chain(all().filter(|&(_, _, quantity)| quantity != 0)).take(levels).collect();
        let mut change = Self::default();
        for (side, price, quantity) in taken {
            self.sides[side].remove(&price);
            change.sides[side].insert(price, quantity);
        }
        change
    }

    /// The message of the combined stream that carries the change, in the venue's form; its update ids are 1.
    #[must_use]
    pub fn to_frame(&self) -> String {
        let side = |levels: &Levels| {
            let texts: Vec<String> = levels.iter().map(|(&price, &quantity)| level_text(price, quantity)).collect();
            texts.join(",")
        };
        format!(
            r#"{{"stream":"btcusdt@depth@100ms","data":{{"e":"depthUpdate","E":1723161255208,"s":"{}","U":1,"u":1,"b":[{}],"a":[{}]}}}}"#,
            crate::venue::SYMBOL,
            side(&self.sides[0]),
            side(&self.sides[1])
        )
    }
}

impl ReferenceBook {
    /// The book of a snapshot, given as a change of nothing.
    #[must_use]
    pub fn of(snapshot: &Change) -> Self {
        let mut book = Self::default();
        book.apply(snapshot);
        book
    }

    /// Applies a change and says how many levels are different now.
    pub fn apply(&mut self, change: &Change) -> usize {
        let mut different = 0;
        for (side, levels) in self.sides.iter_mut().zip(&change.sides) {
            for (&price, &quantity) in levels {
                let before = if quantity == 0 { side.remove(&price) } else { side.insert(price, quantity) };
                different += usize::from(before.unwrap_or(0) != quantity);
            }
        }
        different
    }

    /// What turns this book into `other`.
    #[must_use]
    pub fn change_to(&self, other: &Self) -> Change {
        let mut change = Change::default();
        for ((out, from), to) in change.sides.iter_mut().zip(&self.sides).zip(&other.sides) {
            out.extend(from.keys().filter(|price| !to.contains_key(price)).map(|&price| (price, 0)));
            out.extend(to.iter().filter(|&(price, quantity)| from.get(price) != Some(quantity)));
        }
        change
    }

    /// Whether the best bid is below the best ask, as it is in a book that is true.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match (self.sides[0].last_key_value(), self.sides[1].first_key_value()) {
            (Some((bid, _)), Some((ask, _))) => bid < ask,
            _ => false,
        }
    }

    /// What to compare with another book's.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let level = |(&price, &quantity): (&i64, &i64)| Level::new(price, quantity);
        Digest::of(self.sides[0].iter().rev().map(level), self.sides[1].iter().map(level))
    }

    /// Prices of the best bid and ask.
    #[must_use]
    pub fn best(&self) -> [Option<i64>; 2] {
        [self.sides[0].last_key_value().map(|level| *level.0), self.sides[1].first_key_value().map(|level| *level.0)]
    }
}

impl Digest {
    /// Of levels, each side best first.
    pub fn of(bids: impl Iterator<Item = Level>, asks: impl Iterator<Item = Level>) -> Self {
        let mut digest = Self { levels: 0, checksum: 0xcbf2_9ce4_8422_2325 };
        for level in bids.chain(asks) {
            digest.levels += 1;
            for byte in [level.price.0.to_le_bytes(), level.quantity.0.to_le_bytes()].concat() {
                digest.checksum = (digest.checksum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        digest
    }

    /// As text, for programs to compare.
    #[must_use]
    pub fn to_text(self) -> String {
        format!("{} levels, {:016x}", self.levels, self.checksum)
    }
}

fn read_side(value: &Value) -> Option<Levels> {
    let level = |pair: &Value| {
        let mantissa = |index: usize, scale| parse_decimal(pair.get(index)?.as_str()?.as_bytes(), scale).ok();
        Some((mantissa(0, PRICE_SCALE)?, mantissa(1, QUANTITY_SCALE)?))
    };
    value.as_array()?.iter().map(level).collect()
}

fn level_text(price: i64, quantity: i64) -> String {
    format!(
        r#"["{}.{:02}000000","{}.{:08}"]"#,
        price / 100,
        price % 100,
        quantity / 100_000_000,
        quantity % 100_000_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Change {
        Change { sides: [bids.iter().copied().collect(), asks.iter().copied().collect()] }
    }

    #[test]
    fn the_change_between_two_books_leads_from_one_to_the_other() {
        let mut from = ReferenceBook::of(&change(&[(10, 1), (9, 2)], &[(11, 1)]));
        let to = ReferenceBook::of(&change(&[(9, 3)], &[(10, 4), (11, 1)]));
        let mut way = from.change_to(&to);
        assert_eq!(way, change(&[(9, 3), (10, 0)], &[(10, 4)]));
        while way.levels() > 0 {
            assert!(from.apply(&way.take(1)) > 0);
            assert!(from.is_sound());
        }
        assert_eq!(from, to);
        assert_eq!(from.digest(), to.digest());
    }

    #[test]
    fn a_change_survives_its_message() {
        let before = change(&[(6_183_763, 100_000), (6_183_000, 0)], &[(6_183_764, 1_234_567_890)]);
        let message: Value = serde_json::from_str(&before.to_frame()).unwrap();
        assert_eq!(Change::read(&message["data"], ["b", "a"]), Some(before));
    }
}
