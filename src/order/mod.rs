//! Checkout sessions and orders: what is bought by whom, and how far that is.

mod amounts;
mod book;
mod buyer;
mod checkout;
mod fraud;
mod index;
mod placed;
mod returned;

pub use amounts::{line_amounts, paid_minor, rescale, share};
pub use book::AfterSaleBook;
pub use buyer::{FieldError, TEXT_BYTES_MAX, check_address, check_buyer, check_text};
pub use checkout::{Checkout, CheckoutFailure, CheckoutStatus, CheckoutStep, Trail};
pub use fraud::{BY_RULES, FraudOptions, Suspicion, judge};
pub use index::{Mark, Marks, OrderIndex, StatusAxis};
pub use placed::{AfterSale, ENTRIES_MAX, Order, OrderPaymentStatus, OrderStatus, Original, order_status, payment_status};
pub use returned::{Return, ReturnStatus, ReturnStep};
