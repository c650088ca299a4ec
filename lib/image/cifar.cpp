#include "lib/image/cifar.hpp"

#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/image/members.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t pixels = 3 * 32 * 32, cifar10 = 1 + pixels, cifar100 = 2 + pixels;

std::vector<std::string> names_beside(const std::string& path, const char* file,
                                      const Telling& telling) {
  const fs::path list = fs::path(path).parent_path() / file;
  std::vector<std::string> names;
  if (!may_open(list.string(), telling)) return names;
  for (auto& line : split(read_text(list.string()), '\n')) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) names.push_back(std::move(line));
  }
  return names;
}

}  // namespace

bool is_cifar(const std::string& path, std::size_t size) {
  return path.ends_with(".bin") && size > 0 && (size % cifar10 == 0 || size % cifar100 == 0);
}

CifarBatch cifar_from_bytes(const std::string& bytes, const std::string& path,
                            const Telling& telling) {
  const bool ten = bytes.size() % cifar10 == 0;
  const std::size_t record = ten ? cifar10 : cifar100, count = bytes.size() / record;
  CifarBatch batch{{NpyType::uint8, {count, 3, 32, 32}, ""}, {NpyType::uint8, {count}, ""}, {}};
  for (std::size_t at = 0; at < bytes.size(); at += record) {
    batch.labels.bytes += bytes[at + record - pixels - 1];
    batch.images.bytes.append(bytes, at + record - pixels, pixels);
  }
  batch.label_names =
      names_beside(path, ten ? "batches.meta.txt" : "fine_label_names.txt", telling);
  for (const char label : batch.labels.bytes)
    if (std::uint8_t(label) >= (ten ? 10 : 100))
      throw Error(path + ": label " + std::to_string(std::uint8_t(label)) +
                  ", so not a CIFAR file, though its size would fit");
  return batch;
}

}  // namespace diffusion
