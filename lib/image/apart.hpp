// Reads pictures in a process of its own: some readers end with the damaged files they read.
#pragma once
#include "lib/image/picture_layout.hpp"

namespace diffusion {

/// As ImageModule::decode, by a program of ours that this starts (picture_reader.cpp), which
/// loads the module anew for every picture. Throws Error where the picture ends it.
bool decode_apart(const char* format, std::string_view bytes, const PlacePicture& place);

/// How that program answers on its standard output.
enum class Answer : char {
  picture = 'p',  // then a PictureLayout and the samples
  refusal = 'r',  // then the reason
  no_reader = 'n',
};

/// Its exit status where it was not built with the program that starts it.
inline constexpr int reader_of_other_build = 2;

}  // namespace diffusion
