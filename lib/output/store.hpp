// Where pictures go: a folder, a tar, an array, one file. All make the same promises: a file
// appears whole or not at all, what it holds is in the order of the inputs, and its bytes
// depend on neither the number of threads nor when a picture was ready.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lib/image/image.hpp"
#include "lib/image/png.hpp"
#include "lib/output/destination.hpp"

namespace diffusion {

using SharedImage = std::shared_ptr<const Image>;

/// What has to happen in the order of the inputs, after work that need not.
using InOrder = std::function<void()>;

/// One picture, ready to be stored.
struct Parcel {
  const std::string& input;       // what it was made from, for messages
  const std::string& name;        // below the destination; "" for an array
  SharedImage image;              // H x W x C, of the depth that it is to be stored in
  std::optional<int> label = {};  // its class
};

class Store {
 public:
  virtual ~Store() = default;
  /// Encodes, and writes where order does not matter; callable from all threads. Names that
  /// end in .npy are arrays of a picture's values. What it returns, if anything, finishes
  /// the work, in the order of the inputs. Throws Error, OutputError.
  virtual InOrder take(const Parcel& parcel) = 0;
  /// What was finished so far may appear: files of a folder, bytes in a pipe. Not while
  /// other threads take.
  virtual void flush() {}
  /// All is there: what is one file appears.
  virtual void commit() {}
};

struct StoreRequest {
  Destination to;
  std::optional<std::size_t> rows = {};  // of an array, where it is known how many
  PngEffort png = PngEffort::usual;
};

/// nullptr for no store. Throws Error where an array's size must be known and is not,
/// OutputError at once where it can't be written.
std::unique_ptr<Store> make_store(const StoreRequest& request);

/// How a picture named `path` stores what came from an image of `depth`: TIFF and OpenEXR
/// as floats, the others in 16 bits where the image had them, else in 8.
Depth depth_written(const std::string& path, Depth depth);

}  // namespace diffusion
