// libcurl's options and infos are variadic, which Swift cannot call; its CURL_GLOBAL_* are macros
// that Swift does not import. Nothing else belongs here.
#ifndef SILA_CCURL_SHIM_H
#define SILA_CCURL_SHIM_H

#include <curl/curl.h>

static inline CURLcode sila_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

static inline CURLcode sila_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

/// libcurl copies the string. NULL resets the option to its default.
static inline CURLcode sila_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

/// libcurl borrows the list: it must outlive the transfer.
static inline CURLcode sila_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

/// libcurl borrows the bytes: they must outlive the transfer.
static inline CURLcode sila_curl_set_bytes(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

/// For `CURLOPT_WRITEFUNCTION` and `CURLOPT_HEADERFUNCTION`.
static inline CURLcode sila_curl_set_function(CURL *handle, CURLoption option, curl_write_callback value) {
    return curl_easy_setopt(handle, option, value);
}

/// For `CURLOPT_WRITEDATA`, `CURLOPT_HEADERDATA` and `CURLOPT_PRIVATE`.
static inline CURLcode sila_curl_set_context(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

/// For `CURLOPT_OPENSOCKETFUNCTION`.
static inline CURLcode sila_curl_set_open_socket(CURL *handle, curl_opensocket_callback value) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}

/// For `CURLOPT_XFERINFOFUNCTION`.
static inline CURLcode sila_curl_set_progress(CURL *handle, curl_xferinfo_callback value) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}

/// For the options of type `curl_off_t`, such as `CURLOPT_INFILESIZE_LARGE`.
static inline CURLcode sila_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline size_t sila_curl_write_pause(void) { return CURL_WRITEFUNC_PAUSE; }

static inline CURLcode sila_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode sila_curl_get_socket(CURL *handle, curl_socket_t *value) {
    return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, value);
}

/// The result of a finished transfer, or -1 when `message` does not say that one finished.
static inline int sila_curl_done_result(const CURLMsg *message) {
    return message->msg == CURLMSG_DONE ? (int)message->data.result : -1;
}

static inline curl_socket_t sila_curl_bad_socket(void) { return CURL_SOCKET_BAD; }

#endif
