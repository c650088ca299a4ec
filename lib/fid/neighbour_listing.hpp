// Samples beside the images that they copy: the report of neighbours with names.
#pragma once
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/fid/metrics/neighbours.hpp"
#include "lib/fid/set_reader.hpp"

namespace diffusion {

/// A set with all its rows and their names.
struct NamedSet {
  std::string data;
  FeatureSet set;
  std::vector<std::string> names;  // of the rows

  const RowsView& rows() const { return set.rows.at(FeatureKind::features); }
};

/// Throws Error where there are no rows to be had, or fewer than two.
NamedSet gather_named(SetReader& reader, const std::string& data);

/// The samples that are nearest to an image, nearest first.
struct NeighbourListing {
  const NamedSet &real, &fake;
  std::vector<SampleReport> shown;
  std::size_t samples;  // of all
  MemorisationSummary summary;
  double threshold;
};

/// Of `most` samples, 0 for all; those with a ratio below `threshold` count as copies. Throws
/// Error where the sets are not comparable. Keeps references to both.
NeighbourListing list_neighbours(const NamedSet& real, const NamedSet& fake, std::size_t most,
                                 double threshold);

/// With all that is known of the features; `images` say how this run reads arrays.
Json listing_to_json(const NeighbourListing& listing, const ImageSetOptions& images = {});

/// A line of names, then one a sample, with tabs between.
std::string listing_to_text(const NeighbourListing& listing);

}  // namespace diffusion
