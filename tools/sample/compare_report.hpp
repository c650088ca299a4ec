// What diff-sample compare has found: a table, a document, pictures, the samples.
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/sample/comparison.hpp"
#include "tools/sample/compare.hpp"

namespace diffusion {

void print_table(std::ostream& out, const SamplerComparison& found);
Json to_json(const SamplerComparison& found);

/// The files that were asked for.
struct ComparisonFiles {
  std::string samples, sheet, plot;  // "": none
  std::size_t shown;                 // samples in each place of the sheet

  /// Throws Error where samples of this shape are no pictures for the sheet.
  void check(const Shape& shape) const;
  void write(const SamplerComparison& found) const;
};

/// Throws Error for names that do not say a format.
ComparisonFiles comparison_files(const CompareRequest& request);

}  // namespace diffusion
