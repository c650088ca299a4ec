#include "lib/tensor/formats/weight_file.hpp"

#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/stand_in.hpp"
#include "lib/base/text.hpp"
#include "lib/tensor/formats/safetensors.hpp"
#include "lib/tensor/formats/torch_file.hpp"

namespace diffusion {
namespace {

template <class File>
std::vector<WeightTensor> tensors_of(File opened) {
  const auto file = std::make_shared<const File>(std::move(opened));
  std::vector<WeightTensor> tensors;
  for (const auto& entry : file->entries())
    tensors.push_back({entry.name, entry.shape,
                       [file, &entry](std::span<float> out) { file->read(entry, out); }});
  return tensors;
}

}  // namespace

std::size_t WeightTensor::count() const {
  std::size_t product = 1;
  for (const std::size_t extent : shape) product *= extent;
  return product;
}

std::vector<float> WeightTensor::values() const {
  std::vector<float> out(count());
  read(out);
  return out;
}

std::vector<WeightTensor> open_weights(const std::string& path) {
  const RandomAccessFile file(path);
  const FileKind kind = kind_of_file(file);
  if (kind == FileKind::zip || kind == FileKind::torch_stream) return tensors_of(TorchFile(file));
  if (kind == FileKind::safetensors) return tensors_of(SafetensorsFile(path));
  refuse_stand_in(file);
  refuse_known_kind(kind, path, "weights (a file of PyTorch or safetensors)");
  throw Error(path + ": holds no weights (neither a file of PyTorch nor safetensors)");
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::vector<std::string> extents;
  for (const std::size_t extent : shape) extents.push_back(std::to_string(extent));
  return "[" + join(extents, ", ") + "]";
}

}  // namespace diffusion
