//! The answer to a command: given after the commit, waited for by a thread or a task.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use tokio::sync::oneshot;

use crate::error::StoreError;

/// The answer of the writer thread, which comes once the command is on the disk (or has failed).
///
/// The command runs whether or not anybody waits.
#[derive(Debug)]
pub struct Reply<T> {
    answer: oneshot::Receiver<Result<T, StoreError>>,
}

impl<T> Reply<T> {
    pub(crate) fn new(answer: oneshot::Receiver<Result<T, StoreError>>) -> Self {
        Self { answer }
    }

    /// Blocks this thread until the answer is there. Not for a task of a runtime: that one awaits the reply, and one that
    /// has used up its turn would wait here for ever.
    ///
    /// # Errors
    /// Whatever the command failed with; [`StoreError::Closed`] when the writer thread has ended.
    pub fn wait(self) -> Result<T, StoreError> {
        // inside a task tokio would put off an answer after a hundred others, until a yield that never comes
        let mut reply = pin!(tokio::task::unconstrained(self));
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match reply.as_mut().poll(&mut context) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

impl<T> Future for Reply<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context).map(|answer| answer.unwrap_or(Err(StoreError::Closed)))
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
