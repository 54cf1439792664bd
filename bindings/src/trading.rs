//! The trading thread as a worker sees it. Nothing in here allocates or locks once trading has begun: numbers travel
//! through the shared memory, and what is called while trading are plain functions without arguments, because napi-rs
//! tracks the borrows of objects and of arguments in maps behind a lock.

use std::cell::RefCell;
use std::sync::Arc;

use napi::bindgen_prelude::{ArrayBuffer, Env, Result};
use napi_derive::napi;
use tercel_engine::control::Driver;
use tercel_engine::{Drive, Shared};

use crate::engine::cell_of;
use crate::failure;

thread_local! {
    /// The engine that this thread drives. A worker that is terminated gives it up as its thread ends.
    static DRIVE: RefCell<Option<Drive>> = const { RefCell::new(None) };
}

/// The worker's hold on the engine that its thread drives.
#[napi(custom_finalize)]
pub struct TradingThread {
    shared: Arc<Shared>,
}

#[napi]
impl TradingThread {
    /// Attaches this thread to the engine with that id, so that the functions of `trading` drive it. Throws while another
    /// thread does.
    #[napi(constructor)]
    pub fn new(engine_id: u32) -> Result<Self> {
        if DRIVE.with_borrow(Option::is_some) {
            return Err(failure("this thread drives an engine already"));
        }
        let cell = cell_of(engine_id)?;
        if let Some(cpu) = cell.cpu() {
            tercel_host::pin_current_thread(cpu).map_err(failure)?;
        }
        let drive = cell.attach(Driver::Worker).ok_or_else(|| failure("another thread drives this engine already"))?;
        DRIVE.replace(Some(drive));
        Ok(Self { shared: Arc::clone(cell.shared()) })
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

    /// Writes a log line. Level 0 debug, 1 info, 2 warn, 3 error. The text is cut at 200 bytes.
    #[napi(catch_unwind)]
    pub fn log(&self, level: i32, text: String) -> Result<()> {
        driving(|drive| drive.log(level, &text))
    }

    /// A handler threw: orders are cancelled and no more are accepted; `poll()` goes on until Drained.
    #[napi(catch_unwind)]
    pub fn strategy_failed(&self, reason: String) -> Result<()> {
        driving(|drive| drive.strategy_failed(&reason))
    }

    /// Gives the engine up. Only `memory()` may be used afterwards.
    #[napi]
    pub fn detach(&self) {
        // What is dropped here is the drive of this object's engine: another one may be this thread's by now.
        drop(DRIVE.with_borrow_mut(|drive| drive.take_if(|drive| Arc::ptr_eq(drive.shared(), &self.shared))));
    }
}

impl napi::bindgen_prelude::ObjectFinalize for TradingThread {
    /// A worker that was terminated gives the engine up here.
    fn finalize(self, _env: Env) -> Result<()> {
        self.detach();
        Ok(())
    }
}

/// Runs one step of the engine that this thread drives and returns an `EventKind` code; 0 means nothing, after a bounded
/// wait.
#[napi(namespace = "trading", catch_unwind)]
pub fn poll() -> Result<i32> {
    driving(|drive| drive.poll() as i32)
}

/// Sends the order in the command area: its handle, or a negated reject code.
#[napi(namespace = "trading", catch_unwind)]
pub fn submit() -> Result<i32> {
    driving(|drive| drive.submit_from_memory())
}

/// Cancels the command area's order: 0, or a negated reject code.
#[napi(namespace = "trading", catch_unwind)]
pub fn cancel() -> Result<i32> {
    driving(|drive| drive.cancel_from_memory())
}

/// Replaces the command area's order by one with the price and quantity there, in one request: the new order's handle, or
/// a negated reject code.
#[napi(namespace = "trading", catch_unwind)]
pub fn replace() -> Result<i32> {
    driving(|drive| drive.replace_from_memory())
}

/// Cancels the working orders of the command area's instrument, or all where that is -1. Returns how many cancels were
/// sent.
#[napi(namespace = "trading", catch_unwind)]
pub fn cancel_all() -> Result<i32> {
    driving(|drive| drive.cancel_all_from_memory())
}

/// Arms the command area's timer to fire once after the delay there, in nanoseconds; a negative delay disarms it.
#[napi(namespace = "trading", catch_unwind)]
pub fn set_timer() -> Result<()> {
    driving(|drive| drive.set_timer_from_memory())
}

/// Fills the depth area for the command area's instrument and number of levels (at most 20 a side).
#[napi(namespace = "trading", catch_unwind)]
pub fn depth() -> Result<()> {
    driving(|drive| drive.publish_depth_from_memory())
}

/// Does something with the engine that this thread drives.
#[inline]
fn driving<T>(work: impl FnOnce(&mut Drive) -> T) -> Result<T> {
    DRIVE.with_borrow_mut(|drive| drive.as_mut().map(work)).ok_or_else(|| failure("this thread drives no engine"))
}
