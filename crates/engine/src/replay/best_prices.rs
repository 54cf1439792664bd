//! The best bid and ask after each diff, as comma-separated values.

use super::ReplayError;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use tercel_book::L2Book;
use tercel_types::{DecimalText, Level, UpdateId};
use tercel_wire::binance::Scales;

const HEADER: &[u8] = b"update_id,bid_price,bid_quantity,ask_price,ask_quantity\n";

/// Writes a line for each diff: decimal text without trailing zeros, empty where a side is empty.
pub(super) struct BestPrices {
    file: Arc<Path>,
    writer: BufWriter<File>,
    scales: Scales,
}

impl BestPrices {
    /// Creates the file, or empties it, and writes the header.
    pub(super) fn create(path: &Path, scales: Scales) -> Result<Self, ReplayError> {
        let file: Arc<Path> = Arc::from(path);
        let mut writer = File::create(path)
            .map(BufWriter::new)
            .map_err(|source| ReplayError::Write { file: Arc::clone(&file), source })?;
        writer.write_all(HEADER).map_err(|source| ReplayError::Write { file: Arc::clone(&file), source })?;
        Ok(Self { file, writer, scales })
    }

    /// Writes the line of the diff that ended with `update_id`.
    pub(super) fn write(&mut self, update_id: UpdateId, book: &L2Book) -> Result<(), ReplayError> {
        let written = write!(self.writer, "{},", update_id.0)
            .and_then(|()| self.write_side(book.best_bid()))
            .and_then(|()| self.writer.write_all(b","))
            .and_then(|()| self.write_side(book.best_ask()))
            .and_then(|()| self.writer.write_all(b"\n"));
        written.map_err(|source| self.error(source))
    }

    /// Makes sure that all of it is in the file.
    pub(super) fn finish(mut self) -> Result<(), ReplayError> {
        self.writer.flush().map_err(|source| self.error(source))
    }

    fn write_side(&mut self, level: Option<Level>) -> std::io::Result<()> {
        let Some(Level { price, quantity }) = level else { return self.writer.write_all(b",") };
        self.writer.write_all(DecimalText::trimmed(price.0, self.scales.price).as_bytes())?;
        self.writer.write_all(b",")?;
        self.writer.write_all(DecimalText::trimmed(quantity.0, self.scales.quantity).as_bytes())
    }

    fn error(&self, source: std::io::Error) -> ReplayError {
        ReplayError::Write { file: Arc::clone(&self.file), source }
    }
}
