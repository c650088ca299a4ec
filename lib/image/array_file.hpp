// Files of arrays: .npy, .npz, IDX, told apart by their first bytes; and CIFAR.
#pragma once
#include <string>

#include "lib/base/file_kind.hpp"
#include "lib/image/image_set.hpp"
#include "lib/tensor/formats/npy.hpp"

namespace diffusion {

/// Whether files of that kind hold arrays (gzipped files: IDX).
bool holds_arrays(FileKind kind);

/// The images of an array file, with the labels that options.labels names, or
/// that lie beside IDX images, or in the file itself ("labels", "y", "arr_1").
/// `path` is what `file`, which is of that kind, was opened from. A .npy file stays on disk.
ImageSet open_array(InputFile& file, FileKind kind, const std::string& path,
                    const ImageSetOptions& options);

/// The array of labels in a .npy or IDX file, or in its bytes. Throws Error.
NpyArray read_label_array(const std::string& path);
NpyArray label_array_of(std::string bytes, const std::string& path);

}  // namespace diffusion
