// States, clean images and masks that samples begin from, as a model has them.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/models/model.hpp"
#include "lib/models/model_images.hpp"

namespace diffusion {

inline constexpr std::size_t all_of_them = std::size_t(-1);

/// States of samples H x W x C: a .npy array of floats, also from a pipe, or a folder or an
/// archive of one for each sample; the first of those that are finite, and the others named as
/// failures. Nothing for other DATA. Throws Error where none can be used, and for what else comes
/// from a pipe, which is read by then.
std::optional<ModelImages> read_states(const Shape& sample, const std::string& path,
                                       std::size_t most = all_of_them);

/// Clean images as a model has them: arrays of floats as they are where clean data need not lie
/// in [-1, 1] (mixtures), else as load_model_images() has them.
ModelImages read_clean_images(const Model& model, const std::string& path,
                              const ImageSetOptions& reading);

/// The clean data of several arrays of floats, as they are, where these need not lie in
/// [-1, 1]; nothing for models of images and for other DATA.
std::optional<ModelImages> read_values(const Model& model, const std::vector<std::string>& data,
                                       std::size_t most);

/// Masks, M x H x W x C of 0 and 1: pictures, 1 where they are half white or more, laid on
/// black where they are not opaque; or a .npy array, H x W, M x H x W (x C), of 0 and 1 or of 0 to
/// 255, or a folder or an archive of arrays H x W x C. Throws Error for the first that can't be
/// used, since masks go with images by their numbers, and where all are 0.
Tensor read_mask(const Shape& sample, const std::string& path, const ImageSetOptions& reading);

/// Throws Error, opened by `path`, where values are not finite, or not of samples
/// H x W x C after so many axes: 1 (N), 2 (draws x N).
void need_samples_of(const Tensor& values, std::size_t axes_before, const Shape& sample,
                     const std::string& path);

}  // namespace diffusion
