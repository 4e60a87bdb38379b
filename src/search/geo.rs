//! Points on the earth: reading them, and how far two of them are apart.
//!
//! A product (or a variant) says where it is by an attribute's text, `latitude,longitude` in degrees. So a place is a value like any other:
//! it is found through the products of the value, holds on one and the same variant, and needs no index of its own.

/// Mean radius of the earth in metres (IUGG); the earth's flattening makes distances wrong by up to 0.6 %.
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// What distances may be written in, and metres in each.
const UNITS: [(&str, f64); 4] = [("m", 1.0), ("km", 1_000.0), ("mi", 1_609.344), ("ft", 0.3048)];

/// A point on the earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// North of the equator, -90 to 90.
    pub latitude_deg: f64,
    /// East of Greenwich, -180 to 180.
    pub longitude_deg: f64,
}

impl Point {
    /// A point; none when a number is out of its range.
    #[must_use]
    pub fn new(latitude_deg: f64, longitude_deg: f64) -> Option<Self> {
        let is_on_earth = latitude_deg.abs() <= 90.0 && longitude_deg.abs() <= 180.0;
        is_on_earth.then_some(Self { latitude_deg, longitude_deg })
    }

    /// Reads `52.52,13.405`; blanks around the numbers do not count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (latitude, longitude) = text.split_once(',')?;
        let number = |text: &str| text.trim().parse::<f64>().ok();
        Self::new(number(latitude)?, number(longitude)?)
    }

    /// The shortest way along the surface in metres, by the haversine formula (R. W. Sinnott, "Virtues of the Haversine", 1984), which
    /// keeps its digits for points that are close together.
    #[must_use]
    pub fn metres_to(self, other: Self) -> f64 {
        let (from, to) = (self.latitude_deg.to_radians(), other.latitude_deg.to_radians());
        let half_square = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let north = half_square(other.latitude_deg - self.latitude_deg);
        let east = half_square(other.longitude_deg - self.longitude_deg);
        2.0 * EARTH_RADIUS_M * (north + from.cos() * to.cos() * east).min(1.0).sqrt().asin()
    }

    /// Whether the other point is at most so far away. Most are settled by their latitude alone.
    #[must_use]
    pub fn is_within(self, metres: f64, other: Self) -> bool {
        let north_m = (other.latitude_deg - self.latitude_deg).abs().to_radians() * EARTH_RADIUS_M;
        // A hair more, so that rounding here never decides.
        north_m <= metres * 1.000_001 + 1.0 && self.metres_to(other) <= metres
    }
}

/// Metres in a unit; none when it is no unit of distance.
#[must_use]
pub fn metres_in(unit: &str) -> Option<f64> {
    UNITS.iter().find(|(name, _)| unit.eq_ignore_ascii_case(name)).map(|(_, metres)| *metres)
}

/// The units as a message lists them.
#[must_use]
pub fn units_listed() -> String {
    UNITS.map(|(name, _)| name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(text: &str) -> Point {
        Point::parse(text).expect(text)
    }

    #[test]
    fn points_are_read_or_not() {
        assert_eq!(Point::parse(" 52.52 , -13.4"), Point::new(52.52, -13.4));
        for text in ["", "52.52", "91,0", "0,181", "nan,0", "inf,0", "a,b", "1,2,3", "52.52;13.4"] {
            assert_eq!(Point::parse(text), None, "{text}");
        }
    }

    #[test]
    fn distances_are_the_known_ones() {
        let check = |from: &str, to: &str, km: f64| {
            let found = point(from).metres_to(point(to)) / 1_000.0;
            assert!((found - km).abs() < km * 0.005 + 0.001, "{from} to {to}: {found} km");
        };
        // Berlin to Paris, London to New York, a degree along the equator, across the date line, pole to pole.
        check("52.52,13.405", "48.8566,2.3522", 878.0);
        check("51.5074,-0.1278", "40.7128,-74.006", 5_570.0);
        check("0,0", "0,1", 111.195);
        check("0,179.5", "0,-179.5", 111.195);
        check("90,0", "-90,0", 20_015.1);
        check("52.52,13.405", "52.52,13.405", 0.0);
    }

    proptest! {
        #[test]
        fn the_short_cut_never_decides(a in (-90.0..90.0, -180.0..180.0), b in (-90.0..90.0, -180.0..180.0), metres in 0.0..2e7) {
            let (a, b) = (Point::new(a.0, a.1).expect("a point"), Point::new(b.0, b.1).expect("a point"));
            prop_assert_eq!(a.is_within(metres, b), a.metres_to(b) <= metres);
            prop_assert!((a.metres_to(b) - b.metres_to(a)).abs() < 1e-3);
        }
    }
}
