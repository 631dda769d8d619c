//! What the system takes from a process that runs, and gives back.

use crate::{Error, Process};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use std::{fs, io};

/// Less than a thread's stack, and enough for what is on the heap.
const LESS_THAN_A_STACK: u64 = 1024 * 1024;

/// The lowest number that is free counts, not how many are open.
const STANDARD_STREAMS: u64 = 3;

/// A limit of a process, until it is dropped.
#[derive(Debug)]
pub(super) struct Limit {
    pid: Pid,
    resource: Resource,
    before: Rlimit,
}

impl Limit {
    /// No file grows beyond so many bytes.
    pub(super) fn file_size(process: &Process, bytes: u64) -> Result<Self, Error> {
        Self::set(process, Resource::Fsize, bytes)
    }

    /// No file is opened, and no connection made or taken; those that are there stay.
    pub(super) fn descriptors(process: &Process) -> Result<Self, Error> {
        Self::set(process, Resource::Nofile, STANDARD_STREAMS)
    }

    /// No stack for another thread.
    pub(super) fn threads(process: &Process) -> Result<Self, Error> {
        let kilobytes = figure(process, "VmSize:")?;
        Self::set(process, Resource::As, kilobytes * 1024 + LESS_THAN_A_STACK)
    }

    fn set(process: &Process, resource: Resource, most: u64) -> Result<Self, Error> {
        let pid = i32::try_from(id(process)?).ok().and_then(Pid::from_raw).ok_or(Error::HostEnded)?;
        let failed =
            |error: rustix::io::Errno| Error::system("set a limit of the host's process")(error.into());
        // The host was given what this process has.
        let limit = Rlimit { current: Some(most), maximum: getrlimit(resource).maximum };
        let before = prlimit(Some(pid), resource, limit).map_err(failed)?;
        Ok(Self { pid, resource, before })
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        // The process may have ended.
        prlimit(Some(self.pid), self.resource, self.before).ok();
    }
}

/// How many threads a process has.
pub(super) fn threads_of(process: &Process) -> Result<u64, Error> {
    figure(process, "Threads:")
}

/// A number that the system tells of a process.
fn figure(process: &Process, name: &str) -> Result<u64, Error> {
    let status = fs::read_to_string(format!("/proc/{}/status", id(process)?));
    let status = status.map_err(Error::system("look at the host's process"))?;
    let told = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    Ok(told.split_whitespace().next().and_then(|told| told.parse().ok()).unwrap_or_default())
}

fn id(process: &Process) -> Result<u32, Error> {
    process.id().ok_or_else(|| Error::system("find the host's process")(io::ErrorKind::NotFound.into()))
}
