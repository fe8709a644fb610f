//! Work on all cores, with results in the order of the work: threads change nothing but the time.

use std::ops::Range;
use std::sync::Mutex;

/// With fewer rows a thread is not worth its start.
const FEW: usize = 50_000;
/// Pieces for each thread: who is held up gets fewer of them.
const PIECES: usize = 2;

/// How many threads the machine runs at once.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(64)
}

/// Does pieces of work, each by the thread that is free next; the calling one is among them, since it is awake already.
/// Results are in the order of the pieces.
pub fn queue<P: Send, R: Send>(pieces: Vec<P>, threads: usize, work: impl Fn(P) -> R + Sync) -> Vec<R> {
    let threads = threads.min(pieces.len());
    if threads <= 1 {
        return pieces.into_iter().map(work).collect();
    }
    let waiting = Mutex::new(pieces.into_iter().enumerate());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.next());
    let take = || {
        let mut done = Vec::new();
        while let Some((place, piece)) = next() {
            done.push((place, work(piece)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
        let mut done = take();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Works on equal parts of `0..rows` side by side.
pub fn parts<T: Send>(rows: usize, threads: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let threads = if rows < FEW { 1 } else { threads };
    ranges(rows, threads, work)
}

/// As [`parts`], of what takes as long as so many `rows`.
pub fn parts_of<T: Send>(count: usize, rows: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    ranges(count, if rows < FEW { 1 } else { threads() }, work)
}

fn ranges<T: Send>(count: usize, threads: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let pieces = if threads <= 1 { 1 } else { threads * PIECES };
    let ranges = (0..pieces).map(|piece| count * piece / pieces..count * (piece + 1) / pieces);
    queue(ranges.collect(), threads, work)
}

/// A value for each of `0..rows`, worked out in equal parts side by side.
pub fn each<T: Copy + Default + Send>(
    rows: usize,
    threads: usize,
    work: impl Fn(Range<usize>, &mut [T]) + Sync,
) -> Vec<T> {
    let pieces = if rows < FEW { 1 } else { threads * PIECES };
    let size = rows.div_ceil(pieces).max(1);
    let mut all = vec![T::default(); rows];
    let shares = all.chunks_mut(size).enumerate().collect();
    queue(shares, threads, |(part, share): (usize, &mut [T])| work(part * size..part * size + share.len(), share));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_work() {
        for rows in [0, 1, 7, FEW, FEW * 3 + 5] {
            for threads in [1, 2, 5] {
                let parts = parts(rows, threads, |range| range);
                assert_eq!(parts.iter().map(Range::len).sum::<usize>(), rows);
                assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start), "{parts:?}");
                let each = each(rows, threads, |range, share: &mut [usize]| {
                    share.iter_mut().zip(range).for_each(|(share, row)| *share = row);
                });
                assert!(each.iter().copied().eq(0..rows));
            }
        }
    }
}
