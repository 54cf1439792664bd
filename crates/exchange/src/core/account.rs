//! Accounts: what each holds of every asset, free and locked. Every movement is exact.

use tercel_types::Asset;

use super::amount::Amount;

/// The index of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u32);

/// The index of an asset in the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId(pub u16);

/// What an account holds of one asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Free to be spent.
    pub free: Amount,
    /// Held back for open orders.
    pub locked: Amount,
}

/// One account.
#[derive(Clone, Debug)]
pub struct Account {
    balances: Vec<Balance>,
    /// When a balance last changed, ms since 1970.
    pub updated_ms: i64,
}

/// The balance of one asset, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssetBalance {
    /// Which asset.
    pub asset: Asset,
    /// Free to be spent.
    pub free: Amount,
    /// Held back for open orders.
    pub locked: Amount,
}

impl Account {
    /// An account that holds nothing of `assets` assets.
    #[must_use]
    pub fn new(assets: usize) -> Self {
        Self { balances: vec![Balance::default(); assets], updated_ms: 0 }
    }

    /// What it holds of an asset.
    #[must_use]
    pub fn balance(&self, asset: AssetId) -> Balance {
        self.balances[usize::from(asset.0)]
    }

    /// Adds to (or, if negative, takes from) the free part.
    pub fn credit(&mut self, asset: AssetId, amount: Amount) {
        self.balances[usize::from(asset.0)].free += amount;
    }

    /// Moves an amount from free to locked; `false` and no change if there is not enough.
    #[must_use]
    pub fn lock(&mut self, asset: AssetId, amount: Amount) -> bool {
        let balance = &mut self.balances[usize::from(asset.0)];
        if balance.free < amount {
            return false;
        }
        balance.free -= amount;
        balance.locked += amount;
        true
    }

    /// Moves an amount from locked to free.
    pub fn unlock(&mut self, asset: AssetId, amount: Amount) {
        let balance = &mut self.balances[usize::from(asset.0)];
        assert!(balance.locked >= amount, "an order released more than it had locked");
        balance.locked -= amount;
        balance.free += amount;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_locked_cannot_be_locked_again() {
        let asset = AssetId(0);
        let mut account = Account::new(1);
        account.credit(asset, Amount(10));
        assert!(account.lock(asset, Amount(7)));
        assert!(!account.lock(asset, Amount(4)));
        assert_eq!(account.balance(asset), Balance { free: Amount(3), locked: Amount(7) });
    }
}
