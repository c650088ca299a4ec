// Writing safetensors as the reference library does.
#include <algorithm>
#include <cassert>
#include <cstring>
#include <functional>
#include <numeric>

#include "lib/base/file.hpp"
#include "lib/base/json.hpp"
#include "lib/tensor/formats/safetensors.hpp"

namespace diffusion {
namespace {

constexpr const char* metadata_key = "__metadata__";

[[maybe_unused]] bool is_sound(const SafetensorsArray& array) {
  const std::size_t bytes = std::accumulate(array.shape.begin(), array.shape.end(),
                                            bytes_per_element(array.type), std::multiplies{});
  return array.name != metadata_key && bytes == array.bytes.size();
}

Json describe(const SafetensorsArray& array, std::uint64_t begin) {
  return Json{{"dtype", name_of(array.type)},
              {"shape", array.shape},
              {"data_offsets", {begin, begin + array.bytes.size()}}};
}

/// The length, the header and its padding; `arrays` are in their final order.
std::string header_bytes(const std::vector<SafetensorsArray>& arrays,
                         const SafetensorsMetadata& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header[metadata_key] = metadata;
  std::uint64_t at = 0;
  for (const SafetensorsArray& array : arrays) {
    header[array.name] = describe(array, at);
    at += array.bytes.size();
  }
  std::string text = one_line(header);
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + text;
}

}  // namespace

SafetensorsArray safetensors_array(std::string name, std::vector<std::size_t> shape,
                                   std::span<const float> values) {
  return {std::move(name), SafetensorsType::float32, std::move(shape), std::as_bytes(values)};
}

void write_safetensors(const std::string& path, std::vector<SafetensorsArray> arrays,
                       const SafetensorsMetadata& metadata,
                       const std::function<void(const SafetensorsArray&)>& before) {
  std::ranges::sort(arrays, [](const SafetensorsArray& a, const SafetensorsArray& b) {
    return a.type != b.type ? a.type > b.type : a.name < b.name;
  });
  assert(std::ranges::all_of(arrays, is_sound));
  AtomicFile file(path);
  file.write(header_bytes(arrays, metadata));
  for (const SafetensorsArray& array : arrays) {
    if (before) before(array);
    file.write(array.bytes.data(), array.bytes.size());
  }
  file.commit();
}

}  // namespace diffusion
