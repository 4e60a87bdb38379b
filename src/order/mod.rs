//! Checkout sessions and orders: what is bought by whom, and how far that is.

mod book;
mod buyer;
mod checkout;
mod placed;

pub use book::AfterSaleBook;
pub use buyer::{FieldError, TEXT_BYTES_MAX, check_address, check_buyer, check_text};
pub use checkout::{Checkout, CheckoutFailure, CheckoutStatus, CheckoutStep};
pub use placed::{Order, OrderPaymentStatus, OrderStatus, order_status, payment_status};
