// Where diff-noise puts noisy images, and their eps: a folder, a tar, one array, one file.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "lib/image/image.hpp"
#include "tools/noise/job.hpp"

namespace diffusion {

/// One version, ready to be stored.
struct Parcel {
  const std::string& input;  // for messages
  const std::string& name;   // below the store; "" for an array
  SharedImage image;         // H x W x C, of the depth that `name` is to have
};

class Store {
 public:
  virtual ~Store() = default;
  /// Whether a version is there already.
  virtual bool has(const std::string& /*name*/) const { return false; }
  /// Encodes, and writes where order does not matter; callable from all threads.
  /// What it returns, if anything, finishes the work, in the order of the inputs.
  virtual InOrder take(const Parcel& parcel) = 0;
  /// All is there: what is one file appears.
  virtual void commit() {}
};

enum class StoreKind { none, folder, picture, array, tar };

/// What `path` names: nothing (""), a folder, an archive, an array or a picture, by its
/// ending; standard output ("-") is an array where `format` is "npy", else a tar.
StoreKind store_kind(const std::string& path, const std::string& format);

struct Destination {
  std::string path;
  StoreKind kind = StoreKind::none;

  /// Whether it has names for its versions: all have but an array.
  bool has_names() const;
  /// Whether it is one file, there when all is done.
  bool one_file() const;
  /// The file that a version of this name is, or is in.
  std::string file(const std::string& name) const;
};

/// `rows`: how many an array will have, where that is known. nullptr for no store.
/// Throws OutputError at once where it can't be written.
std::unique_ptr<Store> make_store(const Destination& to, std::optional<std::size_t> rows);

}  // namespace diffusion
