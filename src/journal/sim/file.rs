//! A handle on a simulated file.

use super::super::disk::{DiskFile, read_whole};
use super::SimDisk;
use std::io;

/// A handle that dies with the process that opened it.
#[derive(Debug)]
pub(super) struct SimFile {
    pub(super) disk: SimDisk,
    pub(super) id: usize,
    pub(super) life: u64,
}

impl DiskFile for SimFile {
    fn read_at(&self, into: &mut [u8], at: u64) -> io::Result<usize> {
        let mut state = self.disk.state();
        state.check_life(self.life)?;
        read_whole(into, at, |part, at| state.read(self.id, part, at as usize))
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.check_life(self.life)?;
        state.writes_count += 1;
        state.spend_operation()?;
        state.write(self.id, bytes, at as usize)
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        state.check_life(self.life)?;
        state.spend_operation()?;
        state.sync(self.id)
    }

    fn size_bytes(&self) -> io::Result<u64> {
        let state = self.disk.state();
        state.check_life(self.life)?;
        Ok(state.files[self.id].cache.len() as u64)
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.check_life(self.life)?;
        state.spend_operation()?;
        state.set_len(self.id, bytes as usize);
        Ok(())
    }
}
