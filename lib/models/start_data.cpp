#include "lib/models/start_data.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/image/points.hpp"
#include "lib/models/model_images.hpp"
#include "lib/tensor/finite.hpp"
#include "lib/tensor/formats/npy_reader.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

namespace fs = std::filesystem;

/// Whether a .npy file's header, which alone is looked at, tells of floats.
bool holds_floats(const std::string& path) {
  std::error_code none;
  return fs::is_regular_file(path, none) && is_npy(InputFile(path).front()) &&
         is_floating(NpyReader(path).type());
}

/// States that come through a pipe, which cannot be read again as something else.
Tensor read_piped_states(const std::string& path) {
  InputFile file(path);
  const std::string& name = file.name();
  if (is_npy(file.front())) {
    const NpyArray array = npy_from_bytes(file.rest(), name);
    if (is_floating(array.type)) return array.to_tensor();
  }
  throw Error(name + ": is not an array of states, a .npy of floats; images from a pipe need " +
              "`strength`");
}

/// All of them: masks go by their numbers.
Tensor pixels_of(ModelImages images) {
  if (!images.failures.empty()) throw Error(images.failures.front());
  return std::move(images.pixels);
}

/// The first rows of an array of N x H x W x C that are finite; the others before them are
/// failures.
ModelImages finite_rows(const Tensor& rows, const std::string& path, std::size_t most) {
  ModelImages out{.pixels = {}, .depth = Depth::float32};
  std::vector<Tensor> kept;
  for (std::size_t n = 0; n < rows.shape(0) && kept.size() < most; ++n) {
    const std::string name = printable(path) + "[" + std::to_string(n) + "]";
    if (!all_finite(row_of(rows, n))) {
      out.failures.push_back(name + ": holds values that are " + not_finite);
      continue;
    }
    kept.push_back(unstacked(rows, n));
    out.names.push_back(name);
    out.labels.emplace_back();
  }
  if (kept.empty()) throw Error(out.failures.front());
  out.pixels = stacked(kept);
  return out;
}

/// The arrays of a folder or an archive, one a sample, with their values as they are.
struct ArraySamples {
  ModelImages all;
  bool floats = true;  // all of them
};

/// Nothing where `path` is something else.
std::optional<ArraySamples> read_samples(const std::string& path, std::size_t most = all_of_them) {
  const std::optional<ImageSet> set = open_samples(path);
  if (!set) return std::nullopt;
  ArraySamples found{{.pixels = {}, .depth = Depth::float32}};
  std::vector<Tensor> all;
  while (all.size() < most) {
    stop_if_interrupted();
    const auto entry = set->next();
    if (!entry) break;
    try {
      Image image = entry->load();
      found.floats &= image.depth == Depth::float32;
      all.push_back(std::move(image.pixels));
    } catch (const Error& e) {
      found.all.failures.emplace_back(e.what());
      continue;
    }
    if (all.back().shape() != all.front().shape())
      throw Error(path + ": " + entry->name + ": is " + describe(all.back().shape()) +
                  " where the samples before are " + describe(all.front().shape()));
    found.all.names.push_back(printable(entry->name));
    found.all.labels.emplace_back();
  }
  if (all.empty()) throw Error(found.all.failures.front());
  found.all.pixels = stacked(all);
  return found;
}

/// An array of masks with all four axes.
Tensor with_all_axes(const Tensor& mask, const Shape& sample, const std::string& path) {
  std::vector<std::size_t> axes(mask.shape().begin(), mask.shape().end());
  if (axes.size() == 2 || mask.shape() == sample) axes.emplace(axes.begin(), 1);
  if (axes.size() == 3) axes.push_back(1);
  const bool fits = axes.size() == 4 && axes[0] > 0 && axes[1] == sample[0] &&
                    axes[2] == sample[1] && (axes[3] == 1 || axes[3] == sample[2]);
  if (!fits)
    throw Error(path + ": is " + describe(mask.shape()) + " where masks of " +
                std::to_string(sample[0]) + " x " + std::to_string(sample[1]) + " are needed");
  Tensor all(Shape{axes[0], axes[1], axes[2], axes[3]});
  std::copy(mask.begin(), mask.end(), all.begin());
  return all;
}

/// 0 and 1, for every channel; values from `half` on are 1.
Tensor binary(const Tensor& mask, float half, const Shape& sample) {
  const std::size_t channels = mask.shape(3);
  Tensor out(Shape{mask.shape(0), sample[0], sample[1], sample[2]});
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t pixel = i / sample[2], c = channels == 1 ? 0 : i % sample[2];
    out.data()[i] = mask.data()[pixel * channels + c] >= half ? 1 : 0;
  }
  return out;
}

Tensor mask_of_array(const Tensor& array, const Shape& sample, const std::string& path) {
  const Tensor mask = with_all_axes(array, sample, path);
  need_finite(mask, path);
  const auto [least, most] = std::ranges::minmax(mask);
  if (least < 0 || most > 255) throw Error(path + ": masks are of 0 and 1, or of 0 to 255");
  return binary(mask, most > 1 ? 127.5f : 0.5f, sample);
}

/// Of samples H x W x C after so many axes.
void need_shape_of(const Tensor& values, std::size_t axes_before, const Shape& sample,
                   const std::string& path) {
  const auto& shape = values.shape();
  const bool fits = shape.size() == axes_before + sample.size() && shape[0] > 0 &&
                    std::equal(sample.begin(), sample.end(), shape.end() - 3);
  if (!fits)
    throw Error(path + ": is " + describe(shape) + " where the model needs " +
                (axes_before == 1 ? "N x " : "draws x N x ") + describe(sample));
}

}  // namespace

void need_samples_of(const Tensor& values, std::size_t axes_before, const Shape& sample,
                     const std::string& path) {
  need_shape_of(values, axes_before, sample, path);
  need_finite(values, path);
}

std::optional<ModelImages> read_states(const Shape& sample, const std::string& path,
                                       std::size_t most) {
  const bool of_points = sample[0] == 1 && sample[1] == 1;
  if (const auto points = of_points ? read_points(path) : std::nullopt) {
    need_shape_of(points->values, 1, sample, path);
    return finite_rows(points->values, path, most);
  }
  if (!is_stream(path) && !holds_floats(path)) {
    auto samples = read_samples(path, most);
    if (!samples || !samples->floats) return std::nullopt;
    need_shape_of(samples->all.pixels, 1, sample, path);
    return std::move(samples->all);
  }
  const Tensor states = is_stream(path) ? read_piped_states(path) : read_npy(path).to_tensor();
  need_shape_of(states, 1, sample, path);
  return finite_rows(states, path == "-" ? "standard input" : path, most);
}

ModelImages read_clean_images(const Model& model, const std::string& path,
                              const ImageSetOptions& reading) {
  if (auto values = read_values(model, {path}, all_of_them)) return *std::move(values);
  return load_model_images({path}, model.shape, {.reading = reading});
}

namespace {

template <class Item>
void append(std::vector<Item>& to, const std::vector<Item>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

std::optional<ModelImages> read_values(const Model& model, const std::vector<std::string>& data,
                                       std::size_t most) {
  const bool point = model.shape[0] == 1 && model.shape[1] == 1;
  if (model.images || (model.numbers && !point)) return std::nullopt;
  ModelImages values{.pixels = {}, .depth = Depth::float32};
  std::vector<Tensor> all;
  for (const std::string& path : data) {
    if (is_stream(path)) return std::nullopt;
    if (all.size() == most) break;
    const auto states = read_states(model.shape, path, most - all.size());
    if (!states) return std::nullopt;
    for (std::size_t n = 0; n < states->size(); ++n) all.push_back(unstacked(states->pixels, n));
    append(values.names, states->names);
    append(values.labels, states->labels);
    append(values.failures, states->failures);
  }
  if (all.empty()) return std::nullopt;
  values.pixels = stacked(all);
  return values;
}

namespace {

Tensor mask_in(const Shape& sample, const std::string& path, const ImageSetOptions& reading) {
  if (auto masks = read_samples(path))
    return mask_of_array(pixels_of(std::move(masks->all)), sample, path);
  ModelImagesOptions grey{.reading = reading};
  grey.reading.channels = 1;
  grey.reading.opacity = Opacity{.ground = Colour{-1, -1, -1}};
  const Shape plane{sample[0], sample[1], 1};
  std::error_code none;
  if (fs::is_directory(path, none))
    return binary(pixels_of(load_model_images({path}, plane, grey)), 0, sample);
  auto file = std::make_shared<InputFile>(path);
  if (is_npy(file->front()))
    return mask_of_array(npy_from_bytes(file->rest(), path).to_tensor(), sample, path);
  return binary(pixels_of(is_stream(path) ? load_model_images(std::move(file), path, plane, grey)
                                          : load_model_images({path}, plane, grey)),
                0, sample);
}

}  // namespace

Tensor read_mask(const Shape& sample, const std::string& path, const ImageSetOptions& reading) {
  Tensor mask = mask_in(sample, path, reading);
  if (std::ranges::find(mask, 1.f) == mask.end())
    throw Error(path + ": paints nothing anew: a mask is white, or 1, where it does, and what is " +
                "not opaque lies on black");
  return mask;
}

}  // namespace diffusion
