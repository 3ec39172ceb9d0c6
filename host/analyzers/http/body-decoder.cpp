#include "host/analyzers/http/body-decoder.h"

#include <array>
#include <zlib.h>

namespace bulkhead::analyzers::http {
namespace {

constexpr size_t blockSize = 4096;
constexpr int detectGzipOrZlib = MAX_WBITS + 32;

}  // namespace

struct BodyDecoder::Stream {
  z_stream z{};
  bool open = false;
  bool finished = false;  // the end was reached, or an error

  bool start(int windowBits) {
    stop();
    z = {};
    open = inflateInit2(&z, windowBits) == Z_OK;
    return open;
  }
  void stop() {
    if (open) inflateEnd(&z);
    open = false;
  }
  ~Stream() { stop(); }
};

BodyDecoder::BodyDecoder(flow::ConnectionContext& context)
    : context_(context), stream_(std::make_unique<Stream>()) {
  if (!stream_->start(detectGzipOrZlib)) {
    context_.weird("inflate_init_failed", {}, "ZIP");
    stream_->finished = true;
  }
}

BodyDecoder::~BodyDecoder() = default;

void BodyDecoder::feed(flow::Bytes data, const std::function<void(flow::Bytes)>& out) {
  if (data.empty() || stream_->finished) return;
  z_stream& z = stream_->z;
  std::array<Bytef, blockSize> block;
  auto load = [&] {
    z.next_in = const_cast<Bytef*>(data.data());
    z.avail_in = static_cast<uInt>(data.size());
  };
  load();
  bool mayBeRaw = true;
  while (true) {
    z.next_out = block.data();
    z.avail_out = static_cast<uInt>(block.size());
    int status = inflate(&z, Z_SYNC_FLUSH);
    if (status == Z_OK || status == Z_STREAM_END) {
      mayBeRaw = false;
      size_t have = block.size() - z.avail_out;
      if (status == Z_STREAM_END) stream_->finished = true;
      if (have > 0) out({block.data(), have});
      if (status == Z_STREAM_END || z.avail_in == 0) return;
    } else if (status == Z_DATA_ERROR && mayBeRaw) {
      // Some servers send deflate data without the zlib header that RFC 9110 asks for.
      mayBeRaw = false;
      if (!stream_->start(-MAX_WBITS)) {
        context_.weird("inflate_init_failed", {}, "ZIP");
        stream_->finished = true;
        return;
      }
      load();
    } else {
      context_.weird("inflate_failed", {}, "ZIP");
      stream_->finished = true;
      return;
    }
  }
}

}  // namespace bulkhead::analyzers::http
