// What the names of files say: of formats, folders and standard streams.
#pragma once
#include <string>

namespace diffusion {

/// Lower-case extension with its dot, or "".
std::string extension_of(const std::string& path);

/// Whether `path` names a folder: a trailing '/', an existing folder, or no extension.
/// "-" is none.
bool names_folder(const std::string& path);

/// "a/b//" -> "a/b"; "/" stays.
std::string without_slashes(std::string folder);

/// Whether both names lead to one file, there already or not. "" and "-" lead to none.
bool same_file(const std::string& a, const std::string& b);

/// Whether `path` is standard input ("-"), a pipe, a socket or a device, also by a link: what
/// can be read but once, if at all.
bool is_stream(const std::string& path);

/// The extension says the format: throws Error where `path` has another one than
/// `wanted` (".npz"). Names without one (pipes, devices) pass.
void need_extension(const std::string& path, const std::string& wanted);

/// Throws Error if `path` is named as a picture, an array, an archive or a model is, for
/// `what` ("a schedule") is text.
void refuse_binary_name(const std::string& path, const std::string& what);

/// Refuses to write binary to a terminal: throws Error where `path` is "-" and standard
/// output is one. `what` is written: "an array of samples".
void refuse_terminal(const std::string& path, const std::string& what);

}  // namespace diffusion
