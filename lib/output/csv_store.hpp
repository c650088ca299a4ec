// Points as a table of numbers: comma-separated values, for whatever reads those.
#pragma once
#include <memory>

#include "lib/output/store.hpp"

namespace diffusion {

/// A line an image, its D values between commas, as they are, each in the fewest digits that
/// read back as the same float32; no header. "-" is standard output. The store throws Error for
/// an image that is not a point, 1 x 1 x D, or is not of the first one's D.
std::unique_ptr<Store> make_csv_store(const StoreRequest& request);

/// Throws Error, opened by `culprit`, unless images of this shape are points. `path` is where
/// they would go.
void need_point_shape(const Shape& shape, const std::string& culprit, const std::string& path);

}  // namespace diffusion
