//! The behaviour of price lists, promotions, coupons, gift cards and store credit.
