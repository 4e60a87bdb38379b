//! Distances on the globe in whole numbers, so that every machine finds the same.

use crate::event::trade::fulfilment::GeoPoint;

/// Mean radius of the earth (IUGG).
const EARTH_KM: u128 = 6_371;
const SCALE: i128 = 1_000_000_000;
const DEGREE_MICRO: i64 = 1_000_000;

/// Sines of 0 to 90 degrees, in parts of [`SCALE`].
const SINES: [i64; 91] = [
    0,
    17_452_406,
    34_899_497,
    52_335_956,
    69_756_474,
    87_155_743,
    104_528_463,
    121_869_343,
    139_173_101,
    156_434_465,
    173_648_178,
    190_808_995,
    207_911_691,
    224_951_054,
    241_921_896,
    258_819_045,
    275_637_356,
    292_371_705,
    309_016_994,
    325_568_154,
    342_020_143,
    358_367_950,
    374_606_593,
    390_731_128,
    406_736_643,
    422_618_262,
    438_371_147,
    453_990_500,
    469_471_563,
    484_809_620,
    500_000_000,
    515_038_075,
    529_919_264,
    544_639_035,
    559_192_903,
    573_576_436,
    587_785_252,
    601_815_023,
    615_661_475,
    629_320_391,
    642_787_610,
    656_059_029,
    669_130_606,
    681_998_360,
    694_658_370,
    707_106_781,
    719_339_800,
    731_353_702,
    743_144_825,
    754_709_580,
    766_044_443,
    777_145_961,
    788_010_754,
    798_635_510,
    809_016_994,
    819_152_044,
    829_037_573,
    838_670_568,
    848_048_096,
    857_167_301,
    866_025_404,
    874_619_707,
    882_947_593,
    891_006_524,
    898_794_046,
    906_307_787,
    913_545_458,
    920_504_853,
    927_183_855,
    933_580_426,
    939_692_621,
    945_518_576,
    951_056_516,
    956_304_756,
    961_261_696,
    965_925_826,
    970_295_726,
    974_370_065,
    978_147_601,
    981_627_183,
    984_807_753,
    987_688_341,
    990_268_069,
    992_546_152,
    994_521_895,
    996_194_698,
    997_564_050,
    998_629_535,
    999_390_827,
    999_847_695,
    1_000_000_000,
];

/// Sine of an angle between 0 and 180 degrees, straight between whole degrees: at most 4 parts in 100,000 off.
fn sine(micro: i64) -> i128 {
    let micro = if micro > 90 * DEGREE_MICRO { 180 * DEGREE_MICRO - micro } else { micro };
    let (degree, rest) = (micro / DEGREE_MICRO, micro % DEGREE_MICRO);
    let at = |degree: i64| SINES[usize::try_from(degree.clamp(0, 90)).unwrap_or(90)];
    i128::from(at(degree) + (at(degree + 1) - at(degree)) * rest / DEGREE_MICRO)
}

/// The angle between 0 and 90 degrees of which this is the sine, in millionths of a degree.
fn arcsine(sine: i128) -> i64 {
    let degree = SINES.partition_point(|known| i128::from(*known) <= sine).saturating_sub(1).min(89);
    let (below, above) = (i128::from(SINES[degree]), i128::from(SINES[degree + 1]));
    let rest = (sine - below) * i128::from(DEGREE_MICRO) / (above - below).max(1);
    degree as i64 * DEGREE_MICRO + i64::try_from(rest).unwrap_or(0).min(DEGREE_MICRO)
}

/// Kilometres between two points along a great circle, by the haversine formula. Within half a percent, and two kilometres for short ways.
#[must_use]
pub fn distance_km(from: GeoPoint, to: GeoPoint) -> u32 {
    let latitude = |point: GeoPoint| i64::from(point.latitude_micro).clamp(-90 * DEGREE_MICRO, 90 * DEGREE_MICRO);
    let north = (latitude(from) - latitude(to)).abs();
    let east = (i64::from(from.longitude_micro) - i64::from(to.longitude_micro)).abs() % (360 * DEGREE_MICRO);
    let cosine = |micro: i64| sine(90 * DEGREE_MICRO - micro.abs());
    let square = |half: i64| sine(half) * sine(half);
    let haversine = square(north / 2) + cosine(latitude(from)) * cosine(latitude(to)) / SCALE * square(east / 2) / SCALE;
    let half_angle = arcsine(haversine.clamp(0, SCALE * SCALE).isqrt());
    // 2 r times the angle in radians; pi / 180 is 17,453 millionths and 293 more of those.
    let angle = u128::try_from(half_angle).unwrap_or(0);
    u32::try_from(2 * EARTH_KM * angle * 17_453_293 / 1_000_000_000_000_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(latitude: f64, longitude: f64) -> GeoPoint {
        GeoPoint { latitude_micro: (latitude * 1e6) as i32, longitude_micro: (longitude * 1e6) as i32 }
    }

    #[test]
    fn known_distances_are_met() {
        let check = |from: (f64, f64), to: (f64, f64), km: u32, off: u32| {
            let found = distance_km(point(from.0, from.1), point(to.0, to.1));
            assert!(found.abs_diff(km) <= off, "{from:?} to {to:?}: {found} km, not {km}");
            assert_eq!(found, distance_km(point(to.0, to.1), point(from.0, from.1)));
        };
        let (berlin, munich, sydney, new_york) = ((52.52, 13.405), (48.137, 11.575), (-33.869, 151.209), (40.713, -74.006));
        check(berlin, berlin, 0, 0);
        check(berlin, munich, 504, 3);
        check(berlin, sydney, 16_094, 80);
        check(new_york, sydney, 15_990, 80);
        check(new_york, berlin, 6_385, 32);
        check((0.0, 179.5), (0.0, -179.5), 111, 2);
        check((90.0, 0.0), (-90.0, 0.0), 20_015, 100);
        check((51.5, 0.0), (51.5, 0.02), 1, 1);
    }

    #[test]
    fn it_agrees_with_the_formula_in_floating_point() {
        let mut rng = fastrand::Rng::with_seed(3);
        for _ in 0..2_000 {
            let mut any = || (rng.f64() * 180.0 - 90.0, rng.f64() * 360.0 - 180.0);
            let (from, to) = (any(), any());
            let half = |a: f64, b: f64| ((a - b).to_radians() / 2.0).sin().powi(2);
            let h = half(from.0, to.0) + from.0.to_radians().cos() * to.0.to_radians().cos() * half(from.1, to.1);
            let exact = 2.0 * 6_371.0 * h.sqrt().min(1.0).asin();
            let found = f64::from(distance_km(point(from.0, from.1), point(to.0, to.1)));
            assert!((found - exact).abs() <= exact * 0.005 + 2.0, "{from:?} to {to:?}: {found}, not {exact}");
        }
    }
}
