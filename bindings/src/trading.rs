//! The trading thread as a worker sees it. Nothing in here allocates once trading has begun: numbers with decimals travel
//! through the shared memory, only small integers are passed and returned.

use std::sync::Arc;

use napi::bindgen_prelude::{ArrayBuffer, Env, Result};
use napi_derive::napi;
use tercel_engine::control::Driver;
use tercel_engine::{Drive, Shared};
use tercel_types::InstrumentId;

use crate::engine::cell_of;
use crate::failure;

/// The worker's end: attaches to the engine with that id and drives it.
#[napi(custom_finalize)]
pub struct TradingThread {
    drive: Option<Drive>,
    shared: Arc<Shared>,
}

#[napi]
impl TradingThread {
    /// Attaches. Throws while another thread drives the engine.
    #[napi(constructor)]
    pub fn new(engine_id: u32) -> Result<Self> {
        let cell = cell_of(engine_id)?;
        if let Some(cpu) = cell.cpu() {
            tercel_host::pin_current_thread(cpu).map_err(failure)?;
        }
        let drive = cell.attach(Driver::Worker).ok_or_else(|| failure("another thread drives this engine already"))?;
        Ok(Self { drive: Some(drive), shared: Arc::clone(cell.shared()) })
    }

    /// The memory described by `ts/strategy/layout.ts`.
    #[napi]
    pub fn memory<'env>(&self, env: &'env Env) -> Result<ArrayBuffer<'env>> {
        let shared = Arc::clone(&self.shared);
        let (address, size) = (shared.memory.address(), shared.memory.size_bytes());
        // SAFETY: the block has that address and size, does not move, and lives as long as the `Arc` that the array
        // buffer's finalizer drops.
        unsafe { ArrayBuffer::from_external(env, address, size, shared, |_, shared| drop(shared)) }
    }

    /// Runs one step and returns an `EventKind` code; 0 means nothing, after a bounded wait.
    #[napi(catch_unwind)]
    pub fn poll(&mut self) -> Result<i32> {
        Ok(self.drive()?.poll() as i32)
    }

    /// Sends the order in the command area: its handle, or a negated reject code.
    #[napi(catch_unwind)]
    pub fn submit(&mut self) -> Result<i32> {
        Ok(self.drive()?.submit_from_memory())
    }

    /// Cancels an order: 0, or a negated reject code.
    #[napi(catch_unwind)]
    pub fn cancel(&mut self, handle: i32) -> Result<i32> {
        Ok(self.drive()?.cancel_by_code(handle))
    }

    /// Replaces an order by one with price and quantity of the command area, in one request: the new order's handle, or a
    /// negated reject code.
    #[napi(catch_unwind)]
    pub fn replace(&mut self, handle: i32) -> Result<i32> {
        Ok(self.drive()?.replace_from_memory(handle))
    }

    /// Cancels the working orders of an instrument, or all with -1. Returns how many cancels were sent.
    #[napi(catch_unwind)]
    pub fn cancel_all(&mut self, instrument: i32) -> Result<i32> {
        let instrument = u16::try_from(instrument).ok().map(InstrumentId);
        Ok(self.drive()?.cancel_all(instrument) as i32)
    }

    /// Arms timer `id` (0 to 255) to fire once after the command area's delay in nanoseconds; a negative delay disarms it.
    #[napi(catch_unwind)]
    pub fn set_timer(&mut self, id: u32) -> Result<()> {
        self.drive()?.set_timer_from_memory(id);
        Ok(())
    }

    /// Fills the depth area with up to `levels` (at most 20) levels a side.
    #[napi(catch_unwind)]
    pub fn depth(&mut self, instrument: u32, levels: u32) -> Result<()> {
        let id = InstrumentId(u16::try_from(instrument).unwrap_or(u16::MAX));
        self.drive()?.publish_depth(id, levels as usize);
        Ok(())
    }

    /// Writes a log line. Level 0 debug, 1 info, 2 warn, 3 error. The text is cut at 200 bytes.
    #[napi(catch_unwind)]
    pub fn log(&mut self, level: i32, text: String) -> Result<()> {
        self.drive()?.log(level, &text);
        Ok(())
    }

    /// A handler threw: orders are cancelled and no more are accepted; `poll()` goes on until Drained.
    #[napi(catch_unwind)]
    pub fn strategy_failed(&mut self, reason: String) -> Result<()> {
        self.drive()?.strategy_failed(&reason);
        Ok(())
    }

    /// Gives the engine up. Only `memory()` may be used afterwards.
    #[napi]
    pub fn detach(&mut self) {
        self.drive = None;
    }

    fn drive(&mut self) -> Result<&mut Drive> {
        self.drive.as_mut().ok_or_else(|| failure("this trading thread was detached"))
    }
}

impl napi::bindgen_prelude::ObjectFinalize for TradingThread {
    /// A worker that was terminated gives the engine up here.
    fn finalize(self, _env: Env) -> Result<()> {
        drop(self);
        Ok(())
    }
}
