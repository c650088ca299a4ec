// Pipes and devices, which may keep their reader or writer waiting: a wait ends by Interrupted.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <string>

namespace diffusion {

/// Whether what is open is a file, which lets nobody wait.
bool is_regular(int descriptor);

/// Descriptors for reading; "-" is standard input. A pipe is opened without waiting for its
/// other end. Negative, with errno, where that fails.
int open_to_read(const std::string& path);
/// The same for writing into a device or a pipe that is there; waits for a pipe's reader.
int open_to_write(const std::string& path);
/// Standard output; of a pipe an end of our own where we may have one, so that its other users
/// keep theirs as it is.
int standard_output();

/// Waits until a stream gives bytes, or ends. The other end of a pipe may not be there yet.
void wait_for_input(int descriptor);

/// Waits until a stream takes bytes, and writes as many of them as it takes: returns what
/// ::write does. What is written after an interrupt, such as the last checkpoint, waits without
/// end.
ssize_t write_to_stream(int descriptor, const char* data, std::size_t bytes);

}  // namespace diffusion
