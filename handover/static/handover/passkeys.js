/* Shows what needs passkeys where the browser knows them, and says when one was not used. */
(function () {
  'use strict'
  if (window.PublicKeyCredential) {
    document.querySelectorAll('[data-passkeys]').forEach(function (part) { part.hidden = false })
    document.querySelectorAll('[data-no-passkeys]').forEach(function (part) { part.hidden = true })
  }
  document.addEventListener('allauth.error', function (event) {
    event.preventDefault()
    const problem = document.getElementById('passkey-problem')
    if (problem) { problem.hidden = false }
  })
})()
