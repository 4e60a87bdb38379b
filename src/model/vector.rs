//! The two operations on dense vectors that everything learned comes down to: the dot product and unit length.

use crate::stdx::simd;

/// The dot product of two vectors of the same length; of two unit vectors it is their cosine, in [-1, 1] up to rounding. The same bits on
/// every machine.
#[inline]
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    simd::dot(a, b)
}

/// Scales a vector to length one. Returns false, and leaves it as it is, when it has no direction (zero, or not finite).
pub fn normalise(vector: &mut [f32]) -> bool {
    let length = dot(vector, vector).sqrt();
    if !length.is_finite() || length <= f32::MIN_POSITIVE {
        return false;
    }
    vector.iter_mut().for_each(|element| *element /= length);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dot_product_counts_every_element_once() {
        for len in [0, 1, 15, 16, 17, 64, 100] {
            let ones = vec![1.0; len];
            let numbers: Vec<f32> = (0..len).map(|index| index as f32).collect();
            assert_eq!(dot(&ones, &numbers), (0..len).sum::<usize>() as f32, "{len} elements");
        }
    }

    #[test]
    fn only_a_vector_with_a_direction_can_have_length_one() {
        let mut vector = [3.0, 4.0];
        assert!(normalise(&mut vector));
        assert_eq!(vector, [0.6, 0.8]);
        assert!(!normalise(&mut [0.0, 0.0]));
        assert!(!normalise(&mut [f32::NAN, 1.0]));
        assert!(!normalise(&mut []));
    }
}
