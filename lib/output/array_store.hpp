// One array of images that are all of one shape: .npy, or .npz in the layout of published
// evaluation batches.
#pragma once
#include <memory>

#include "lib/output/store.hpp"

namespace diffusion {

/// N x H x W x C, uint8 or float32 as the first image's depth is; 8 bits round and clip. A
/// .npz file holds it as `arr_0`, and where all images have classes these as `arr_1`, int64.
/// Only a .npy file that is not standard output can do without request.rows: throws Error.
std::unique_ptr<Store> make_array_store(const StoreRequest& request);

}  // namespace diffusion
