//! Work on several threads, with results in the order of the work: threads change nothing but the time.

use std::sync::Mutex;

/// Does the pieces at once, the last one here and each other on a thread of its own; results in the order of the pieces.
pub(crate) fn parallel<T: Send, R: Send>(mut pieces: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let Some(last) = pieces.pop() else { return Vec::new() };
    std::thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = pieces.into_iter().map(|piece| scope.spawn(move || work(piece))).collect();
        let last = work(last);
        let done = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        let done = done.map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        done.chain(std::iter::once(last)).collect()
    })
}

/// Does two things at once; the result of the second.
pub(crate) fn both<R>(first: impl FnOnce() + Send, second: impl FnOnce() -> R) -> R {
    std::thread::scope(|scope| {
        let running = scope.spawn(first);
        let result = second();
        if let Err(panic) = running.join() {
            std::panic::resume_unwind(panic);
        }
        result
    })
}

/// Does pieces of different size, each by the thread that is free next; results in the order of the pieces.
pub(crate) fn queue<T: Send, R: Send>(pieces: Vec<T>, threads: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let waiting = Mutex::new(pieces.into_iter().enumerate());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.next());
    let done = parallel((0..threads.max(1)).collect(), |_| {
        let mut done = Vec::new();
        while let Some((place, piece)) = next() {
            done.push((place, work(piece)));
        }
        done
    });
    let mut done: Vec<(usize, R)> = done.into_iter().flatten().collect();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}
