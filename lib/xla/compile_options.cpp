// Protocol buffers, as far as the options need them: fields are a key and a number (a varint),
// or a key, a length and bytes. Source: the protocol buffers' description of their encoding.
#include "lib/xla/compile_options.hpp"

#include <cstdint>

namespace diffusion::xla {
namespace {

std::string varint(std::uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes += char(number | 0x80);
  return bytes + char(number);
}

std::string field(int key, std::int64_t number) {
  return varint(std::uint64_t(key) << 3) + varint(std::uint64_t(number));
}

std::string field(int key, const std::string& bytes) {
  return varint(std::uint64_t(key) << 3 | 2) + varint(bytes.size()) + bytes;
}

/// DeviceAssignmentProto: one computation, its devices by replica.
std::string device_assignment(std::span<const int> ids) {
  std::string numbers;
  for (const int id : ids) numbers += varint(std::uint64_t(id));
  return field(1, std::int64_t(ids.size())) + field(2, std::int64_t(1)) +
         field(3, field(1, numbers));
}

/// ExecutableBuildOptionsProto. Without a device ordinal (-1): the assignment says all.
std::string build_options(std::span<const int> device_ids) {
  return field(1, std::int64_t(-1)) + field(4, std::int64_t(device_ids.size())) +
         field(5, std::int64_t(1)) + field(9, device_assignment(device_ids));
}

/// One entry of the map of overrides: a debug option, true.
std::string override_true(const std::string& option) {
  return field(7, field(1, option) + field(2, field(2, std::int64_t(1))));
}

}  // namespace

std::string compile_options_proto(const CompileOptions& options, std::span<const int> device_ids,
                                  const std::string& platform) {
  std::string bytes = field(3, build_options(device_ids));
  const bool gpu = platform == "cuda" || platform == "rocm" || platform == "gpu";
  // Not xla_gpu_deterministic_ops, which also turns off the choice of the fastest kernels: that
  // choice is kept with the compiled program.
  if (gpu && options.deterministic) bytes += override_true("xla_gpu_exclude_nondeterministic_ops");
  return bytes;
}

}  // namespace diffusion::xla
