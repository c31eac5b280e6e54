/* The errors for files that hold no tensors, or none that are read: what they say the file is. */
#include "hostile.h"

#include "io/archive_internal.h"
#include "io/safetensors_internal.h"

#define REFUSES(code_, text_, bytes_)                                                              \
    do {                                                                                           \
        assert_null(cd_archive_open_memory("some.file", bytes_, sizeof(bytes_) - 1, NULL));        \
        assert_failed_with(code_, "some.file: " text_);                                            \
    } while (0)
#define MODEL(name_, bytes_)                                                                       \
    REFUSES(CD_ERR_UNSUPPORTED, "this " name_ "; .pth, .safetensors, .npy and .npz are read",      \
            bytes_)
#define PACKED(name_, bytes_) REFUSES(CD_ERR_UNSUPPORTED, "this is " name_ ": unpack it", bytes_)
#define OTHER(name_, bytes_)                                                                       \
    REFUSES(CD_ERR_FORMAT, "this is " name_ ", not a file of tensors", bytes_)

static void models_of_other_frameworks_have_a_name(void **state)
{
    (void)state;
    MODEL("is HDF5 (Keras weights, perhaps)", "\x89HDF\r\n\x1A\n\0\0\0");
    MODEL("is a GGUF model", "GGUF\3\0\0\0");
    MODEL("is a GGML model", "lmgg\x40\x1F\0\0");
    MODEL("is a GGML model (GGMF)", "fmgg\1\0\0\0");
    MODEL("is a GGML model (GGJT)", "tjgg\3\0\0\0");
    MODEL("is a GGML adapter (GGLA)", "algg\1\0\0\0");
    MODEL("is a TensorFlow Lite model", "\x1C\0\0\0TFL3\x14\0\x20\0");
    MODEL("is an ExecuTorch program", "\x1C\0\0\0ET12\x14\0\x20\0");
    MODEL("is a PyTorch Mobile program", "\x1C\0\0\0PTMF\x14\0\x20\0");
    MODEL("is the index of a TensorFlow checkpoint", "\0\0\6\x08\1\x1A\2\x08\1\0\x1Blayer");
    MODEL("is a file of MXNet parameters", "\x12\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    MODEL("is a MATLAB file", "MATLAB 5.0 MAT-file, Platform: GLNXA64");
    MODEL("is a TensorBoard event file", "\x18\0\0\0\0\0\0\0\xA3\x7F\x4B\x22\x09\0\0");
}

static void protobuf_models_are_told_apart(void **state)
{
    (void)state;
    MODEL("looks like an ONNX model", "\x08\x08\x12\x07pytorch\x1A\x04"
                                      "1.13:");
    MODEL("looks like an ONNX model", "\x08\x04\x3A\x90\x01\x0A\x10\x0A\x01x\x12\x01y\x22\x04Relu");
    MODEL("looks like a TensorFlow SavedModel", "\x08\1\x12\xE1\x9B\7\x0A\x90\x20\x12\xFF\3serve");
    MODEL("looks like a Core ML model", "\x08\4\x12\xD2\1\x0A\x22\x0A\5image\x1A\x19\x22\x17");
    MODEL("looks like a Core ML model", "\x08\4\x12\x52\x0A\x22\x0A\5image\x1A\x19\x22\x17\0");
}

#define NEITHER(bytes_) REFUSES(CD_ERR_FORMAT, "this is neither a safetensors file nor", bytes_)

/* ONNX may go on with several fields. The length of Core ML's field may take up to five bytes. */
static void protobuf_models_are_told_from_other_bytes(void **state)
{
    (void)state;
    MODEL("looks like an ONNX model", "\x08\7\x1A\x04"
                                      "1.13:\0\0\0\0\0\0\0\0");
    MODEL("looks like an ONNX model", "\x08\x1F\x42\x04\x0A\0\x10\x11\0\0\0\0\0\0\0\0");
    MODEL("looks like a Core ML model", "\x08\4\x12\x80\x80\x80\x80\x80\1\x0A\0\0\0\0\0\0");
    NEITHER("\x08\0\x12\x04\x0A\0\0\0\0\0\0\0\0\0\0\0");   /* version 0 */
    NEITHER("\x08\x20\x12\x04\x0A\0\0\0\0\0\0\0\0\0\0\0"); /* version 32 */
    NEITHER("\x08\4\x22\x04\x0A\0\0\0\0\0\0\0\0\0\0\0");   /* another field */
    NEITHER("\x08\4\x12\x04\x0A\0\0\0\0\0\0\0\0\0\0");     /* too short */
}

static void packed_files_are_to_be_unpacked(void **state)
{
    (void)state;
    PACKED("compressed with gzip", "\x1F\x8B\x08\0\0\0\0\0");
    PACKED("compressed with bzip2", "BZh91AY&SY");
    PACKED("compressed with xz", "\xFD"
                                 "7zXZ\0\0\0");
    PACKED("compressed with zstd", "\x28\xB5\x2F\xFD\0\0");
    PACKED("compressed with lz4", "\x04\x22\x4D\x18\x64\x40");
    PACKED("a 7-Zip archive", "7z\xBC\xAF\x27\x1C\0\4");
    PACKED("a RAR archive", "Rar!\x1A\x07\1\0");
    PACKED("a RAR archive", "Rar!\x1A\x07\0");
    REFUSES(CD_ERR_FORMAT, "this is an empty zip archive",
            "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    MODEL("is compressed with zlib, perhaps by joblib.dump", "\x78\x9C\x6B\x60\x99\x2A\xCD\0");
    MODEL("is compressed with zlib, perhaps by joblib.dump", "\x78\x01\x6B\x60\x99\x2A\xCD\0");
    MODEL("is compressed with zlib, perhaps by joblib.dump", "\x78\x5E\x6B\x60\x99\x2A\xCD\0");
    MODEL("is compressed with zlib, perhaps by joblib.dump", "\x78\xDA\x6B\x60\x99\x2A\xCD\0");
    NEITHER("\x78\x02\x6B\x60\x99\x2A\xCD\0"); /* no level of zlib's */
    NEITHER("\x77\x9C\x6B\x60\x99\x2A\xCD\0"); /* no method of zlib's */
    NEITHER("\x78\x9C\0");
    REFUSES(CD_ERR_FORMAT, "this is text",
            "x^2 + y^2 = z^2"); /* 'x' is also the first byte of zlib */
}

/* torch.save can be told to write the old container in any protocol. */
static void pickles_are_told_apart(void **state)
{
    (void)state;
    static const char old[] = "this was saved with pickle_protocol=0 or 1";
    static const char plain[] =
        "this is a plain Python pickle (of pickle.dump or joblib.dump, say)";
#define PICKLE(sentence_, bytes_)                                                                  \
    do {                                                                                           \
        assert_null(cd_archive_open_memory("f", bytes_, sizeof(bytes_) - 1, NULL));                \
        assert_failed_with(CD_ERR_UNSUPPORTED, sentence_);                                         \
    } while (0)
    PICKLE(plain, "\x80\x04}.");
    PICKLE(plain, "\x80\x05}.");
    PICKLE(plain, "\x80\2csklearn.svm\nSVC\n");
    PICKLE(plain, "\x80\x04\x95\x0D\0\0\0\0\0\0\0\x8C\x0Bsklearn.svm\x94");
    PICKLE(old, "L119547037146038801333356L\n.I1001\n.(dp0\n");
    PICKLE(plain, "}q\0(X\1\0\0\0aq\1");
    PICKLE(plain, "]q\0(K\1K\2e.");
    PICKLE(plain, "(dp0\nS'weight'\np1\n");
    PICKLE(plain, "(lp0\nI1\naI2\na.");
    PICKLE(plain, "ccollections\nOrderedDict\np0\n(tRp1\n.");
    PICKLE(plain, "ccopy_reg\n_reconstructor\np0\n");
    PICKLE(plain, "cnumpy.core.multiarray\n_reconstruct\np0\n");
}

static void other_files_have_a_name(void **state)
{
    (void)state;
    OTHER("a JPEG picture", "\xFF\xD8\xFF\xE0\0\x10JFIF");
    OTHER("a PNG picture", "\x89PNG\r\n\x1A\n");
    OTHER("a GIF picture", "GIF89a\0\0");
    OTHER("a WebP picture", "RIFF\x24\0\0\0WEBPVP8 ");
    OTHER("a PDF document", "%PDF-1.7\n\x25\xE2\xE3\xCF\xD3");
    OTHER("a program or library (ELF)", "\x7F"
                                        "ELF\2\1\1\0");
    OTHER("an SQLite database", "SQLite format 3\0\x10\0");
    REFUSES(CD_ERR_UNSUPPORTED, "this is an IDX data set", "\0\0\x08\1\0\0\0\2ab");
    REFUSES(CD_ERR_FORMAT, "this is neither a safetensors file", "\1\2\3\4\5\6\7\x08\x09");
    REFUSES(CD_ERR_FORMAT, "this is neither a safetensors file", "\0");
}

/* The first four bytes of IDX are two zeros, a type and a number of dimensions. */
static void idx_is_told_from_other_bytes(void **state)
{
    (void)state;
    REFUSES(CD_ERR_UNSUPPORTED, "this is an IDX data set", "\0\0\x0E\x08\0\0\0\2");
    NEITHER("\0\0\x08\1\0\0\1");
    NEITHER("\0\1\x08\1\0\0\0\2");
    NEITHER("\0\0\x07\1\0\0\0\2");
    NEITHER("\0\0\x0F\1\0\0\0\2");
    NEITHER("\0\0\x0A\1\0\0\0\2");
    NEITHER("\0\0\x08\0\0\0\0\2");
    NEITHER("\0\0\x08\x09\0\0\0\2");
}

/* The header may begin with white space, and the first bytes of the file may end within it. */
static void safetensors_is_told_by_length_and_brace(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        bool expected;
    } starts[] = {
        { "\2\0\0\0\0\0\0\0{}", 10, true },  { "\4\0\0\0\0\0\0\0 \t\n{", 12, true },
        { "\2\0\0\0\0\0\0\0[]", 10, false }, { "\2\0\0\0\0\0\0\0\0{", 10, false },
        { "\3\0\0\0\0\0\0\0  ", 10, true },  /* the header goes on behind these bytes */
        { "\2\0\0\0\0\0\0\0  ", 10, false }, /* the header is all white space */
        { "\3\0\0\0\0\0\1\0  ", 10, false }, /* longer than the format allows */
        { "\2\0\0\0\0\0\0\0", 8, false },
    };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        cd_bytes bytes;
        cd_bytes_borrow(&bytes, "f", starts[i].bytes, starts[i].size);
        assert_that(cd_looks_like_safetensors(&bytes) == starts[i].expected, "start %zu", i);
    }
}

static void texts_are_shown(void **state)
{
    (void)state;
    OTHER("UTF-16 text", "\xFF\xFE{\0\"\0");
    OTHER("UTF-16 text", "\xFE\xFF\0{\0\"");
    REFUSES(CD_ERR_FORMAT,
            "this is a Git LFS pointer, not the file it stands for: run `git lfs pull`",
            "version https://git-lfs.github.com/spec/v1\noid sha256:0");
    static const char *const pages[] = { "<!DOCTYPE html><html>",
                                         "<!doctype html><html>",
                                         "\n\n \t<!DocType HTML>",
                                         "<html><body>",
                                         "\xEF\xBB\xBF<HTML>",
                                         "\r\n<head>",
                                         "<?xml version=\"1.0\"?><Error>" };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        assert_null(cd_archive_open_memory("f", pages[i], strlen(pages[i]), NULL));
        assert_failed_with(CD_ERR_FORMAT, "f: this is an HTML or XML page (a download that went "
                                          "wrong, perhaps), not a file of tensors");
    }
    REFUSES(CD_ERR_FORMAT, "this is JSON text (a config, or the index of a model in several files",
            "{\n  \"metadata\": {}, \"weight_map\": {\"fc\": \"model-00001.safetensors\"}}");
    REFUSES(CD_ERR_FORMAT, "this is text, not a file of tensors; it begins \"404: Not Found\"",
            "404: Not Found");
    REFUSES(CD_ERR_FORMAT, "this is text, not a file of tensors; it begins \"just some words\"",
            "\n just some words\nand others");
    REFUSES(CD_ERR_FORMAT, "this is text, not a file of tensors; it begins \"1234",
            "12345678{\"a\": 1}");
    REFUSES(CD_ERR_FORMAT, "this is text, not a file of tensors; it begins \"of an old Macintosh\"",
            "of an old Macintosh\rnext line");
    REFUSES(CD_ERR_FORMAT, "this is text, not a file of tensors; it begins \"\"", " \r\n\t");
    REFUSES(CD_ERR_FORMAT, "this is text, not a file of tensors; it begins \"<ht\"", "<ht");
    NEITHER("a text with DEL\x7F in it");
}

static void an_interrupted_download_is_recognised(void **state)
{
    (void)state;
    static unsigned char zeros[4096];
    assert_null(cd_archive_open_memory("f", zeros, sizeof zeros, NULL));
    assert_failed_with(CD_ERR_FORMAT, "f: it begins with zeros, as what an interrupted download");
    zeros[511] = 1;
    assert_null(cd_archive_open_memory("f", zeros, sizeof zeros, NULL));
    assert_failed_with(CD_ERR_FORMAT, "f: this is neither");
    zeros[511] = 0;
    assert_null(cd_archive_open(test_write("empty", "", 0)));
    assert_failed_with(CD_ERR_FORMAT, "empty: the file is empty");
}

static void tar_files_are_told_apart(void **state)
{
    (void)state;
    unsigned char tar[1024] = "first";
    for (int k = 0; k < 2; k++) {
        unsigned char *header = tar + 512 * k;
        if (k == 1) memcpy(header, "storages", 8);
        memcpy(header + 257, "ustar", 5);
        unsigned sum = 8 * ' ';
        for (int i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? 0 : header[i];
        snprintf((char *)header + 148, 8, "%06o", sum);
        if (k == 0) {
            assert_null(cd_archive_open_memory("f", tar, 512, NULL));
            assert_failed_with(CD_ERR_UNSUPPORTED, "a TAR archive: unpack it first");
        }
    }
    assert_null(cd_archive_open_memory("f", tar, sizeof tar, NULL));
    assert_failed_with(CD_ERR_FORMAT,
                       "the TAR container of PyTorch 0.1, but it has no member \"sys_info\"");
    tar[512] = 'S'; /* a damaged header of a TAR that is not PyTorch's */
    assert_null(cd_archive_open_memory("f", tar, sizeof tar, NULL));
    assert_failed_with(CD_ERR_UNSUPPORTED, "a TAR archive: unpack it first");
    tar[0] = 'g'; /* the checksum is wrong now */
    assert_null(cd_archive_open_memory("f", tar, sizeof tar, NULL));
    assert_failed_with(CD_ERR_FORMAT, "neither");
}

/* Tars from before 1988, of GNU and of POSIX, differ in their magic and share the checksum. */
static void tars_of_every_age(void **state)
{
    (void)state;
    static const char *const magics[] = { "", "ustar  ", "ustar\00000" };
    for (size_t k = 0; k < sizeof magics / sizeof *magics; k++) {
        unsigned char tar[1024] = "model/weights.bin";
        memcpy(tar + 257, magics[k], k == 2 ? 8 : strlen(magics[k]));
        unsigned sum = 8 * ' ';
        for (int i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? 0 : tar[i];
        snprintf((char *)tar + 148, 8, "%06o", sum);
        assert_null(cd_archive_open_memory("f", tar, sizeof tar, NULL));
        assert_failed_with(CD_ERR_UNSUPPORTED, "a TAR archive: unpack it first");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(models_of_other_frameworks_have_a_name),
        TEST(protobuf_models_are_told_apart),
        TEST(protobuf_models_are_told_from_other_bytes),
        TEST(packed_files_are_to_be_unpacked),
        TEST(pickles_are_told_apart),
        TEST(other_files_have_a_name),
        TEST(idx_is_told_from_other_bytes),
        TEST(safetensors_is_told_by_length_and_brace),
        TEST(texts_are_shown),
        TEST(an_interrupted_download_is_recognised),
        TEST(tar_files_are_told_apart),
        TEST(tars_of_every_age),
    };
    return RUN(tests);
}
