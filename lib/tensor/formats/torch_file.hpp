// The tensors of files that PyTorch wrote: torch.save, as a zip archive (since 1.6) and
// as the stream of pickles before it, and TorchScript archives. Their Python parts are
// read as data (lib/tensor/formats/pickle.hpp): nothing is executed.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "lib/base/random_access.hpp"
#include "lib/tensor/formats/safetensors.hpp"

namespace diffusion {

/// One tensor: a window on a storage, which others may share.
struct TorchEntry {
  std::string name;  // keys and attributes on the way to it, joined by dots
  SafetensorsType type = SafetensorsType::float32;
  std::vector<std::size_t> shape, strides;  // strides in elements
  std::uint64_t offset = 0;                 // of the first element in the file
  std::size_t span = 0;                     // elements from the first to the last, both included

  std::size_t count() const;
};

/// A file whose pickles have been read and whose tensors all lie inside their storages,
/// and those inside the file. Names other than of OrderedDict, tensors, parameters,
/// typed storages, argparse's namespaces (which are passed over) and, in TorchScript, modules are
/// refused. All members throw Error.
class TorchFile {
 public:
  explicit TorchFile(RandomAccessFile file);

  const std::string& name() const { return file_.name(); }
  const std::vector<TorchEntry>& entries() const { return entries_; }  // in the file's order

  /// The numbers of a tensor, last index fastest (out.size() == entry.count()).
  void read(const TorchEntry& entry, std::span<float> out) const;

 private:
  RandomAccessFile file_;
  std::vector<TorchEntry> entries_;
};

}  // namespace diffusion
