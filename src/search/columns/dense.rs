//! Dense columns: made when enough products have a field, filled product by product.

use super::{Columns, FieldId, Lineups, Profiles, Span};
use crate::id::Ordinal;
use crate::stdx::chunked::Chunked;

impl Columns {
    /// Enters a product's values into the dense columns of its fields, which may become worth making now.
    pub(super) fn enter_dense(&mut self, ordinal: Ordinal) {
        let mut fields: Vec<FieldId> = self.row(ordinal).map(|row| row.all().fields().collect()).unwrap_or_default();
        fields.sort_unstable();
        fields.dedup();
        fields.into_iter().filter(|field| !field.is_naming()).for_each(|field| self.enter_dense_field(ordinal, field));
    }

    /// Enters what a product has in one field.
    pub(super) fn enter_dense_field(&mut self, ordinal: Ordinal, field: FieldId) {
        // Taken out of the dictionary while it is written, because places are read from there.
        let known = self.dictionary.field_mut(field).profiles.take();
        if let Some(mut profiles) = known.or_else(|| self.profiles_wanted(field)) {
            if let Some(row) = self.rows.get(ordinal) {
                profiles.set(ordinal, row, field, &self.dictionary);
            }
            self.dictionary.field_mut(field).profiles = Some(profiles);
        }
        let known = self.dictionary.field_mut(field).lineups.take();
        if let Some(mut lineups) = known.or_else(|| self.lineups_wanted(field)) {
            if let Some(row) = self.rows.get(ordinal) {
                lineups.set(ordinal, row, field, &self.dictionary);
            }
            self.dictionary.field_mut(field).lineups = Some(lineups);
        }
        self.densify(field);
    }

    /// A new dense column of a field's profiles, once enough products have the field.
    fn profiles_wanted(&self, field: FieldId) -> Option<Profiles> {
        let known = self.dictionary.field(field);
        known.wants_profiles(self.live.len()).then(|| {
            let mut profiles = Profiles::new();
            for ordinal in known.present.iter().map(Ordinal) {
                self.row(ordinal).into_iter().for_each(|row| profiles.set(ordinal, row, field, &self.dictionary));
            }
            profiles
        })
    }

    /// A new dense column of what variants have in a field, once it has one of profiles and variants may differ in it.
    fn lineups_wanted(&self, field: FieldId) -> Option<Lineups> {
        let known = self.dictionary.field(field);
        (known.is_variant_level && known.profiles.is_some()).then(|| {
            let mut lineups = Lineups::new();
            for ordinal in (&*known.present & &*self.multi).iter().map(Ordinal) {
                self.row(ordinal).into_iter().for_each(|row| lineups.set(ordinal, row, field, &self.dictionary));
            }
            lineups
        })
    }

    fn densify(&mut self, field: FieldId) {
        if let Some(column) = self.column_wanted(field) {
            self.dictionary.field_mut(field).column = Some(column);
        }
    }

    /// A new dense column of a numeric field, once enough products have it to be worth the memory.
    fn column_wanted(&self, field: FieldId) -> Option<Chunked<Span<f64>>> {
        let known = self.dictionary.field(field);
        known.wants_column(self.live.len()).then(|| {
            let mut column = Chunked::new(Span::<f64>::EMPTY);
            for ordinal in known.numbered.iter().map(Ordinal) {
                *column.at_mut(ordinal.index()) = self.row(ordinal).map_or(Span::<f64>::EMPTY, |row| row.number_span(field));
            }
            column
        })
    }
}
